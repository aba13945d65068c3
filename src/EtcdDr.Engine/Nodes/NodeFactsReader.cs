using EtcdDr.Engine.Clusters;
using EtcdDr.Engine.ControlPlane;
using EtcdDr.Engine.Etcd;
using EtcdDr.Engine.Etcd.Programs;
using EtcdDr.Engine.Journals;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.Nodes;

/// <summary>Reads what control-plane nodes are; changes nothing.</summary>
internal static class NodeFactsReader
{
    // Longer than the longest step of a cutover goes on after its connection is gone.
    private static readonly TimeSpan SettleLimit = TimeSpan.FromMinutes(5);

    /// <summary>Reads one node.</summary>
    /// <exception cref="EtcdDrException">The node does not answer, sudo is refused, or its manifests cannot be used (external
    /// etcd).</exception>
    public static async Task<NodeFacts> ReadAsync(ClusterSession session, ClusterNode node, CancellationToken cancellationToken)
    {
        var reading = await ReadOnceAsync(session, node, cancellationToken);
        return await MeasureAsync(session, node, reading, cancellationToken);
    }

    /// <summary>What one run tells of a node. Where a restore was interrupted there, a step of it that is still at work is waited for, and
    /// the node read again.</summary>
    /// <exception cref="EtcdDrException">The node does not answer, sudo is refused, or its manifests cannot be used.</exception>
    public static async Task<NodeReading> ReadOnceAsync(ClusterSession session, ClusterNode node, CancellationToken cancellationToken)
    {
        var host = await session.HostAsync(node, cancellationToken);
        var reading = await RunAsync();
        if (!reading.Journals.Any(j => j.Journal.Unfinished))
        {
            return reading;
        }

        await SettleAsync(host, HeldManifests.Root(reading.InPlace.StaticPodPath), cancellationToken);
        return await RunAsync();

        async Task<NodeReading> RunAsync()
        {
            var result = await host.RunAsync(NodeCommands.Read, cancellationToken);
            return NodeReading.Parse(node.Name, result.Text, result.ExitStatus);
        }
    }

    /// <summary>Adds the sizes and mounts of the directories that the node's etcd uses, and the programs that etcd has there.</summary>
    /// <exception cref="EtcdDrException">The node has no etcd of its own, or does not answer.</exception>
    public static async Task<NodeFacts> MeasureAsync(
        ClusterSession session,
        ClusterNode node,
        NodeReading reading,
        CancellationToken cancellationToken
    )
    {
        var etcd = reading.Manifests.RequireEtcd();
        var host = await session.HostAsync(node, cancellationToken);
        var probing = host.RunAsync(
            NodeCommands.Measure.With(
                etcd.DataHostPath,
                etcd.WalHostPath ?? string.Empty,
                reading.Manifests.StaticPodPath,
                reading.RuntimeEndpoint
            ),
            cancellationToken
        );
        var looking = NodePrograms.ReadAsync(
            host,
            etcd.Manifest,
            reading.EtcdContainer,
            reading.RuntimeEndpoint,
            session.Cluster.Etcd.ToolPath,
            cancellationToken
        );
        var reads = host.RunAsync(NodeCommands.Certificates.With([.. NodeCertificate.Files(reading.Manifests)]), cancellationToken);
        var database = MemberDatabase.ReadAsync(host, MemberDatabase.PathIn(etcd.DataHostPath), cancellationToken);
        await Task.WhenAll(probing, looking, reads, database);
        foreach (var why in (await looking).PassedOver)
        {
            session.Context.Sink.Verbose($"Node '{node.Name}': {why}");
        }

        return new NodeFacts
        {
            Node = node,
            Manifests = reading.Manifests,
            Etcd = etcd,
            Programs = await looking,
            Journals = reading.Journals,
            ControlPlaneIsStopped = reading.ControlPlaneIsStopped,
            Probe = ParseProbe((await probing).Text),
            RuntimeEndpoint = reading.RuntimeEndpoint,
            Certificates = NodeCertificate.Parse((await reads).Text),
            Database = await database,
        };
    }

    /// <summary>Reads the journals of a node. Where one tells of a restore that was interrupted, a step of it that is still at work is
    /// waited for first.</summary>
    /// <exception cref="EtcdDrException"><c>StepStillRunning</c>: it did not end in time.</exception>
    public static async Task<IReadOnlyList<NodeJournal>> ReadJournalsAsync(
        IRemoteHost host,
        string staticPodPath,
        CancellationToken cancellationToken
    )
    {
        var root = HeldManifests.Root(staticPodPath);
        var find = NodeCommands.FindJournals.With(root);
        var journals = NodeJournal.Parse(host.Name, (await host.RunAsync(find, cancellationToken)).Text);
        if (!journals.Any(j => j.Journal.Unfinished))
        {
            return journals;
        }

        await SettleAsync(host, root, cancellationToken);
        return NodeJournal.Parse(host.Name, (await host.RunAsync(find, cancellationToken)).Text);
    }

    private static async Task SettleAsync(IRemoteHost host, string root, CancellationToken cancellationToken)
    {
        var settled = await host.RunAsync(ControlPlaneCommands.Settle.With(root, $"{SettleLimit.TotalSeconds:F0}"), cancellationToken);
        if (settled.ExitStatus != 0)
        {
            throw new EtcdDrException(
                "StepStillRunning",
                EtcdDrErrorCategory.ResourceBusy,
                Errors.StepStillRunning.With(host.Name, SettleLimit.TotalMinutes),
                Errors.StepStillRunning_Action.With(root),
                host.Name
            );
        }
    }

    private static Dictionary<string, string> ParseProbe(string text) =>
        text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' ', 2))
            .Where(parts => parts.Length == 2)
            .ToDictionary(parts => parts[0], parts => parts[1], StringComparer.Ordinal);
}
