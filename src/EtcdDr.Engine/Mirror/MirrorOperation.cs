using EtcdDr.Engine.Clusters;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Snapshots;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.Mirror;

/// <summary>Finds out whether a secondary is fit to take a primary's state: gathers facts of both sites at once and judges them. Changes
/// nothing.</summary>
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
        await using var other = new ClusterSession(secondary, context, hosts);

        // A kubeconfig that cannot be used is told before any machine is asked.
        await Task.WhenAll(session.ApiAsync(cancellationToken), other.ApiAsync(cancellationToken));
        var reader = new SiteReader(session, isPrimary: true, Activity(secondary));
        var api = reader.ReadApiAsync(cancellationToken);
        return await RunAsync(
            primary.Name,
            api,
            reader.ReadNodesAsync(api, Task.FromResult<IReadOnlyList<string>>([]), cancellationToken),
            other,
            cancellationToken
        );
    }

    /// <summary>Checks a snapshot against the cluster that it may be restored into.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="secondary">The secondary.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="EtcdDrException">The snapshot cannot be read, or the kubeconfig cannot be used.</exception>
    public async Task<IReadOnlyList<MirrorCheck>> RunAsync(
        EtcdSnapshot snapshot,
        EtcdCluster secondary,
        CancellationToken cancellationToken
    )
    {
        await using var reader = await SnapshotReader.OpenAsync(snapshot, hosts, context, cancellationToken);
        await reader.UnlockAsync(cancellationToken);
        await using var session = new ClusterSession(secondary, context, hosts);
        await session.ApiAsync(cancellationToken);
        var facts = SnapshotFacts.ReadAsync(reader, cancellationToken);
        return await RunAsync(snapshot.ToString(), facts, facts, session, cancellationToken);
    }

    private static string Activity(EtcdCluster secondary) => $"Check whether {secondary.Name} can take over";

    // The sites go side by side. Only what the secondary's nodes are to connect to waits for the primary's volumes.
    private async Task<IReadOnlyList<MirrorCheck>> RunAsync(
        string primary,
        Task<SiteFacts> volumes,
        Task<SiteFacts> readingPrimary,
        ClusterSession session,
        CancellationToken cancellationToken
    )
    {
        var reader = new SiteReader(session, isPrimary: false, Activity(session.Cluster));
        var readingSecondary = reader.ReadNodesAsync(
            reader.ReadApiAsync(cancellationToken),
            StorageServers.OfAsync(volumes),
            cancellationToken
        );
        await Task.WhenAll(readingPrimary, readingSecondary);
        var checks = MirrorChecks.Judge(await readingPrimary, await readingSecondary, Include, Exclude);
        return [.. checks.Select(c => c with { Primary = primary, Secondary = session.Cluster.Name })];
    }
}
