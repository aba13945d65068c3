using EtcdDr.Engine.Clusters;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Snapshots;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.Mirror;

/// <summary>Finds out whether a secondary is fit to take a primary's state: gathers facts of both sites at once and judges them. Changes nothing.</summary>
public sealed class MirrorOperation(OperationContext context, IRemoteHostFactory hosts)
{
    /// <summary>Names of checks to make, with wildcards; all where it is empty.</summary>
    public IReadOnlyList<string> Include { get; init; } = [];

    /// <summary>Names of checks to leave out, with wildcards.</summary>
    public IReadOnlyList<string> Exclude { get; init; } = [];

    /// <summary>Checks two clusters. What cannot be reached is told by checks, not thrown.</summary>
    /// <param name="primary">The primary.</param>
    /// <param name="secondary">The secondary.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="EtcdDrException">A kubeconfig cannot be used.</exception>
    public async Task<IReadOnlyList<MirrorCheck>> RunAsync(EtcdCluster primary, EtcdCluster secondary, CancellationToken cancellationToken)
    {
        await using var session = new ClusterSession(primary, context, hosts);
        var reader = new SiteReader(session, isPrimary: true, Activity(secondary));
        return await RunAsync(primary.Name, reader.ReadApiAsync, (facts, ct) => reader.ReadNodesAsync(facts, [], ct), secondary, cancellationToken);
    }

    /// <summary>Checks a snapshot against the cluster that it may be restored into.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="secondary">The secondary.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="EtcdDrException">The snapshot cannot be read, or the kubeconfig cannot be used.</exception>
    public async Task<IReadOnlyList<MirrorCheck>> RunAsync(EtcdSnapshot snapshot, EtcdCluster secondary, CancellationToken cancellationToken)
    {
        await using var reader = await SnapshotReader.OpenAsync(snapshot, hosts, context, cancellationToken);
        await reader.UnlockAsync(cancellationToken);
        return await RunAsync(snapshot.ToString(), ct => SnapshotFacts.ReadAsync(reader, ct), (facts, _) => Task.FromResult(facts), secondary, cancellationToken);
    }

    private static string Activity(EtcdCluster secondary) => $"Check whether {secondary.Name} can take over";

    private async Task<IReadOnlyList<MirrorCheck>> RunAsync(
        string primary,
        Func<CancellationToken, Task<SiteFacts>> readPrimary,
        Func<SiteFacts, CancellationToken, Task<SiteFacts>> askPrimaryNodes,
        EtcdCluster secondary,
        CancellationToken cancellationToken)
    {
        await using var session = new ClusterSession(secondary, context, hosts);
        var reader = new SiteReader(session, isPrimary: false, Activity(secondary));
        var primaryApi = readPrimary(cancellationToken);
        var secondaryApi = reader.ReadApiAsync(cancellationToken);
        await Task.WhenAll(primaryApi, secondaryApi);

        // The secondary's nodes are asked for what the primary's volumes name, so this comes second; the sites go side by side.
        var primaryNodes = askPrimaryNodes(await primaryApi, cancellationToken);
        var secondaryNodes = reader.ReadNodesAsync(await secondaryApi, [.. StorageServers.Of(await primaryApi)], cancellationToken);
        await Task.WhenAll(primaryNodes, secondaryNodes);
        var checks = MirrorChecks.Judge(await primaryNodes, await secondaryNodes, Include, Exclude);
        return [.. checks.Select(c => c with { Primary = primary, Secondary = secondary.Name })];
    }
}
