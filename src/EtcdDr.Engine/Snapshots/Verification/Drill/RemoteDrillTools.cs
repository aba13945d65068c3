using EtcdDr.Engine.Restore;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.Snapshots.Verification.Drill;

/// <summary>The programs that a drill on a node runs: both of one minor version, which is the snapshot's where that is known.</summary>
/// <param name="Server">Path of etcd on the node.</param>
/// <param name="Restore">Path of etcdutl or etcdctl there.</param>
/// <param name="Version">Version of etcd.</param>
internal sealed record RemoteDrillTools(string Server, string Restore, string Version)
{
    /// <summary>Looks for them on a node.</summary>
    /// <param name="host">The node.</param>
    /// <param name="etcdVersion">Version of the etcd that wrote the snapshot; null where it is not known.</param>
    /// <param name="directory">A directory there, or a restore tool, to look at first; null for none.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="EtcdDrException"><c>DrillToolMissing</c>.</exception>
    internal static async Task<RemoteDrillTools> FindAsync(IRemoteHost host, string? etcdVersion, string? directory, CancellationToken cancellationToken)
    {
        var restoring = host.RunAsync(RestoreCommands.FindTools.With(directory ?? string.Empty), cancellationToken);
        var serving = host.RunAsync(DrillCommands.FindServers.With(directory ?? string.Empty), cancellationToken);
        await Task.WhenAll(restoring, serving);
        var tools = RestoreTool.Parse((await restoring).Text);
        var servers = ParseServers((await serving).Text);
        var wanted = etcdVersion is null ? null : EtcdVersions.Minor(etcdVersion);
        foreach (var (path, version) in servers.Where(s => wanted is null || EtcdVersions.Minor(s.Version) == wanted))
        {
            if (RestoreTool.Choose(tools, EtcdVersions.Minor(version)) is { } tool)
            {
                return new RemoteDrillTools(path, tool.Path, version);
            }
        }

        throw Missing(host.Name, wanted, servers, tools);
    }

    private static List<(string Path, string Version)> ParseServers(string text) => text
        .Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Select(line => line.Split('|'))
        .Where(parts => parts.Length == 2)
        .Select(parts => (parts[0], parts[1]))
        .ToList();

    private static EtcdDrException Missing(string node, string? wanted, List<(string Path, string Version)> servers, IReadOnlyList<RestoreTool> tools)
    {
        var there = servers.Select(s => $"{s.Path} {s.Version}").Concat(tools.Select(t => $"{t.Path} {t.Version}")).ToList();
        var has = there.Count == 0 ? Errors.DrillToolMissing_Neither_Part : string.Join(", ", there);
        return new EtcdDrException(
            "DrillToolMissing",
            EtcdDrErrorCategory.ObjectNotFound,
            wanted is null ? Errors.DrillToolMissing_Node.With(node, has) : Errors.DrillToolMissing_NodeVersion.With(wanted, node, has),
            Errors.DrillToolMissing_Node_Action,
            node);
    }
}
