using System.Globalization;
using System.Text;
using EtcdDr.Lab.Network;
using EtcdDr.Lab.Nodes;
using EtcdDr.Lab.Tools;

namespace EtcdDr.Lab;

/// <summary>
/// Removes a lab, whatever state it is in and whoever made it. It needs no record: processes bear the lab's directory in their environment,
/// bridges in their alias, and everything else lies in that directory.
/// </summary>
internal static class LabTeardown
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    public static async Task RunAsync(string directory, CancellationToken cancellationToken)
    {
        await KillProcessesAsync(directory, cancellationToken);
        await NodeDisk.RemoveGroupsAsync(directory, cancellationToken);
        foreach (var bridge in LabNetwork.BridgesOf(directory))
        {
            // The kernel removes a dead node's link in its own time; the next lab may want the name at once.
            foreach (var port in LabNetwork.PortsOf(bridge))
            {
                await Tool.TryAsync("ip", ["link", "del", port], cancellationToken: cancellationToken);
            }

            await Tool.TryAsync("ip", ["link", "del", bridge], cancellationToken: cancellationToken);
        }

        if (Directory.Exists(directory))
        {
            // Namespaces take a moment to let go of their mounts after their last process.
            await Tool.ShellAsync(
                "n=0; until rm -rf --one-file-system \"$1\" 2>/dev/null; do n=$((n + 1)); [ $n -lt 50 ] || { rm -rf --one-file-system "
                    + "\"$1\"; exit; }; sleep 0.1; done",
                [directory],
                cancellationToken
            );
        }
    }

    private static async Task KillProcessesAsync(string directory, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        try
        {
            // A process may be started while others are killed; the last round finds none.
            while (ProcessesOf(directory) is { Count: > 0 } processes)
            {
                await Task.WhenAll(processes.Select(process => process.KillAsync(limit.Token)));
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            var left = string.Join(", ", ProcessesOf(directory).Select(process => process.Id.ToString(CultureInfo.InvariantCulture)));
            throw new LabException($"Processes of the lab in {directory} could not be killed within {Limit.TotalSeconds:0} s: {left}.");
        }
    }

    private static List<ProcessIdentity> ProcessesOf(string directory)
    {
        var marker = Encoding.UTF8.GetBytes($"{Lab.Marker}={directory}\0");
        return
        [
            .. Directory
                .EnumerateDirectories("/proc")
                .Select(path => int.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out var id) ? id : 0)
                .Where(id => id > 1 && id != Environment.ProcessId && HasMarker(id, marker))
                .Select(ProcessIdentity.Of)
                .OfType<ProcessIdentity>(),
        ];
    }

    private static bool HasMarker(int id, byte[] marker)
    {
        try
        {
            var environment = File.ReadAllBytes(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/environ"));
            return environment.AsSpan().IndexOf(marker) >= 0;
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            // It ended, or is the kernel's.
            return false;
        }
    }
}
