using EtcdDr.Engine.Clusters;
using EtcdDr.Engine.ControlPlane;
using EtcdDr.Engine.ControlPlane.Manifests;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.Restore;

/// <summary>Reads what a restore must know of control-plane nodes; changes nothing.</summary>
internal static class RestoreFactsReader
{
    /// <summary>Reads one node.</summary>
    /// <exception cref="EtcdDrException">The node does not answer, sudo is refused, or its manifests cannot be used (external etcd).</exception>
    public static async Task<NodeFacts> ReadAsync(ClusterSession session, ClusterNode node, CancellationToken cancellationToken)
    {
        var host = await session.HostAsync(node, cancellationToken);
        var manifests = await NodeManifests.ReadAsync(host, cancellationToken);
        var journals = await ReadJournalsAsync(host, manifests.StaticPodPath, cancellationToken);
        manifests = await HeldManifests.AddAsync(
            host, manifests, journals.Select(j => j.Directory + "/manifests").Append(HeldManifests.StopDirectory(manifests.StaticPodPath)), cancellationToken);
        var etcd = manifests.RequireEtcd();
        var stopped = await host.RunAsync(ControlPlaneCommands.HasHeld.With(HeldManifests.StopDirectory(manifests.StaticPodPath)), cancellationToken);

        var probe = host.RunAsync(
            RestoreCommands.Probe.With(etcd.DataHostPath, etcd.WalHostPath ?? string.Empty, manifests.StaticPodPath),
            cancellationToken);
        var tools = host.RunAsync(RestoreCommands.FindTools.With(session.Cluster.Etcd.ToolPath ?? string.Empty), cancellationToken);
        var version = host.RunAsync(RestoreCommands.EtcdVersion, cancellationToken);
        var endpoint = host.RunAsync(ControlPlaneCommands.RuntimeEndpoint, cancellationToken);
        await Task.WhenAll(probe, tools, version, endpoint);

        var running = (await version).Text.Trim();
        return new NodeFacts
        {
            Node = node,
            Manifests = manifests,
            Etcd = etcd,
            Tools = RestoreTool.Parse((await tools).Text),
            EtcdVersion = running.Length > 0 ? running : EtcdVersions.OfImage(etcd.Image),
            Journals = journals,
            ControlPlaneIsStopped = stopped.ExitStatus == 0,
            Probe = ParseProbe((await probe).Text),
            RuntimeEndpoint = (await endpoint).Text.Trim(),
        };
    }

    /// <summary>Reads the journals of a node.</summary>
    public static async Task<IReadOnlyList<NodeJournal>> ReadJournalsAsync(IRemoteHost host, string staticPodPath, CancellationToken cancellationToken)
    {
        var found = await host.RunAsync(RestoreCommands.FindJournals.With(HeldManifests.Root(staticPodPath)), cancellationToken);
        return NodeJournal.Parse(host.Name, found.Text);
    }

    private static Dictionary<string, string> ParseProbe(string text) => text
        .Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Select(line => line.Split(' ', 2))
        .Where(parts => parts.Length == 2)
        .ToDictionary(parts => parts[0], parts => parts[1], StringComparer.Ordinal);
}
