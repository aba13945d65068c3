using System.Globalization;
using EtcdDr.Lab.Tools;

namespace EtcdDr.Lab.Nodes;

/// <summary>A node's disk that writes slowly: the kernel's own throttling (blkio of cgroup v1, io of v2) of the node's processes on the
/// node's own disk.</summary>
public static class NodeDisk
{
    private const string V1 = "/sys/fs/cgroup/blkio";
    private const string V2 = "/sys/fs/cgroup";

    /// <summary>Limits what the node's processes, and those that they start, write to its disk.</summary>
    /// <param name="node">A node that has a disk of its own (LabOptions.DiskMountPoint).</param>
    /// <param name="writesPerSecond">Write operations each second; a commit of etcd is two or three.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="LabException">The node has no disk of its own, or the kernel throttles none.</exception>
    public static async Task SlowDiskAsync(this LabNode node, int writesPerSecond, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(node);
        var mount = node.Specification.DiskMountPoint is { Length: > 0 } own
            ? own
            : throw new LabException($"{node.Name} has no disk of its own (LabOptions.DiskMountPoint).");
        var device = (await node.RunAsync($"mountpoint -d '{mount}'", cancellationToken)).Trim();
        var limit = writesPerSecond.ToString(CultureInfo.InvariantCulture);
        const string script = """
            group=$1 init=$2 device=$3 limit=$4
            if [ -e "${group%/*}/blkio.throttle.write_iops_device" ]; then
                mkdir -p "$group"; echo "$device $limit" > "$group/blkio.throttle.write_iops_device"
            else
                echo +io > "${group%/*}/cgroup.subtree_control"; mkdir -p "$group"; echo "$device wiops=$limit" > "$group/io.max"
            fi
            space=$(readlink "/proc/$init/ns/pid")
            for process in /proc/[0-9]*; do
                if [ "$(readlink "$process/ns/pid" 2>/dev/null)" = "$space" ]; then
                    echo "${process#/proc/}" > "$group/cgroup.procs" || :
                fi
            done
            """;
        var init = (node.Init ?? throw new LabException($"{node.Name} is off.")).Id.ToString(CultureInfo.InvariantCulture);
        await Tool.ShellAsync(script, [GroupOf(node.DirectoryPath), init, device, limit], cancellationToken);
    }

    /// <summary>Takes back <see cref="SlowDiskAsync"/>; nothing to take back is no error.</summary>
    public static Task FreeDiskSpeedAsync(this LabNode node, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(node);
        return RemoveGroupAsync(node.DirectoryPath, cancellationToken);
    }

    /// <summary>Removes the groups of all nodes of a lab.</summary>
    internal static async Task RemoveGroupsAsync(string labDirectory, CancellationToken cancellationToken)
    {
        if (Directory.Exists(Root))
        {
            foreach (var group in Directory.GetDirectories(Root, $"{Path.GetFileName(labDirectory)}-*"))
            {
                await RemoveAsync(group, cancellationToken);
            }
        }
    }

    private static Task RemoveGroupAsync(string nodeDirectory, CancellationToken cancellationToken) =>
        Directory.Exists(GroupOf(nodeDirectory)) ? RemoveAsync(GroupOf(nodeDirectory), cancellationToken) : Task.CompletedTask;

    // Processes go back to the group above first: a group that has any cannot be removed. New ones may be born meanwhile.
    private static Task RemoveAsync(string group, CancellationToken cancellationToken) =>
        Tool.ShellAsync(
            """
            n=0
            until rmdir "$1" 2>/dev/null || [ ! -d "$1" ]; do
                while read -r process; do echo "$process" > "${1%/*}/cgroup.procs" 2>/dev/null || :; done < "$1/cgroup.procs" || :
                n=$((n + 1)); [ $n -lt 100 ] || { rmdir "$1"; exit; }
            done
            """,
            [group],
            cancellationToken
        );

    private static string Root => Directory.Exists(V1) ? V1 : V2;

    // The lab's own name and the node's: no two labs, and no two sites of a lab, share a group.
    private static string GroupOf(string nodeDirectory)
    {
        var parts = Path.GetFullPath(nodeDirectory).Split('/');
        var lab = Array.FindIndex(parts, p => p.StartsWith("etcddr-lab-", StringComparison.Ordinal));
        return Path.Combine(Root, string.Join('-', parts[lab..]));
    }
}
