using EtcdDr.Engine.Clusters;
using EtcdDr.Engine.ControlPlane;
using EtcdDr.Engine.ControlPlane.Manifests;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.Restore;

/// <summary>Reads what a restore must know of control-plane nodes; changes nothing.</summary>
internal static class RestoreFactsReader
{
    // Longer than the longest step of a cutover goes on after its connection is gone.
    private static readonly TimeSpan SettleLimit = TimeSpan.FromMinutes(5);

    /// <summary>Reads one node.</summary>
    /// <exception cref="EtcdDrException">The node does not answer, sudo is refused, or its manifests cannot be used (external etcd).</exception>
    public static async Task<NodeFacts> ReadAsync(ClusterSession session, ClusterNode node, CancellationToken cancellationToken)
    {
        var host = await session.HostAsync(node, cancellationToken);
        var manifests = await NodeManifests.ReadAsync(host, cancellationToken);
        var journals = await ReadJournalsAsync(host, manifests.StaticPodPath, cancellationToken);
        if (journals.Any(j => j.Journal.Unfinished))
        {
            // A step that was still at work while they were read may have moved them.
            manifests = await NodeManifests.ReadAsync(host, cancellationToken);
        }

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

    /// <summary>Reads the journals of a node. Where one tells of a restore that was interrupted, a step of it that is still at work is waited for first.</summary>
    /// <exception cref="EtcdDrException"><c>StepStillRunning</c>: it did not end in time.</exception>
    public static async Task<IReadOnlyList<NodeJournal>> ReadJournalsAsync(IRemoteHost host, string staticPodPath, CancellationToken cancellationToken)
    {
        var root = HeldManifests.Root(staticPodPath);
        var find = RestoreCommands.FindJournals.With(root);
        var journals = NodeJournal.Parse(host.Name, (await host.RunAsync(find, cancellationToken)).Text);
        if (!journals.Any(j => j.Journal.Unfinished))
        {
            return journals;
        }

        var settled = await host.RunAsync(ControlPlaneCommands.Settle.With(root, $"{SettleLimit.TotalSeconds:F0}"), cancellationToken);
        return settled.ExitStatus == 0
            ? NodeJournal.Parse(host.Name, (await host.RunAsync(find, cancellationToken)).Text)
            : throw new EtcdDrException(
                "StepStillRunning",
                EtcdDrErrorCategory.ResourceBusy,
                $"On node '{host.Name}' a step of an interrupted restore was still at work after {SettleLimit.TotalMinutes:F0} minutes.",
                $"Look at it with 'sudo fuser -v {root}/*/lock' on that node, and run the command again when it has ended.",
                host.Name);
    }

    private static Dictionary<string, string> ParseProbe(string text) => text
        .Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Select(line => line.Split(' ', 2))
        .Where(parts => parts.Length == 2)
        .ToDictionary(parts => parts[0], parts => parts[1], StringComparer.Ordinal);
}
