using EtcdDr.Engine.Kube;
using EtcdDr.Engine.Kube.Inventory;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.Mirror.Comparison;

/// <summary>Compares a snapshot's inventory with a live cluster's, or with another snapshot's.</summary>
public sealed class CompareSnapshotOperation(OperationContext context, IRemoteHostFactory hosts)
{
    /// <summary>Compares with a live cluster, through its API alone.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="cluster">The cluster.</param>
    /// <param name="emit">Is given each difference as it is found.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>Counts per kind.</returns>
    /// <exception cref="EtcdDrException"><c>InventoryInvalid</c>, or what the API and the store say.</exception>
    public async Task<IReadOnlyList<InventoryKindSummary>> RunAsync(
        EtcdSnapshot snapshot,
        EtcdCluster cluster,
        Action<InventoryDifference> emit,
        CancellationToken cancellationToken
    )
    {
        Show(snapshot, $"Comparing with cluster {cluster.Name}");
        await using var records = await SnapshotRecords.OpenAsync(snapshot, hosts, context, cancellationToken);
        await using var api = await KubeApi.ConnectAsync(cluster, cancellationToken);
        return await RunAsync(records, api, cluster.Name, emit, cancellationToken);
    }

    /// <summary>Compares with another snapshot.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="other">The snapshot that it is compared with.</param>
    /// <param name="emit">Is given each difference as it is found.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>Counts per kind.</returns>
    /// <exception cref="EtcdDrException"><c>InventoryInvalid</c>, or what the store says.</exception>
    public async Task<IReadOnlyList<InventoryKindSummary>> RunAsync(
        EtcdSnapshot snapshot,
        EtcdSnapshot other,
        Action<InventoryDifference> emit,
        CancellationToken cancellationToken
    )
    {
        Show(snapshot, $"Comparing with {other}");
        await using var ours = await SnapshotRecords.OpenAsync(snapshot, hosts, context, cancellationToken);
        await using var theirs = await SnapshotRecords.OpenAsync(other, hosts, context, cancellationToken);
        var comparison = new InventoryComparison(snapshot.ToString(), other.ToString(), emit);
        await comparison.RunAsync(() => ours.ReadAsync(cancellationToken), theirs.ReadAsync(cancellationToken), cancellationToken);
        return Conclude(comparison);
    }

    private async Task<IReadOnlyList<InventoryKindSummary>> RunAsync(
        SnapshotRecords records,
        KubeApi api,
        string cluster,
        Action<InventoryDifference> emit,
        CancellationToken cancellationToken
    )
    {
        var comparison = new InventoryComparison(records.Snapshot, cluster, emit);
        await comparison.RunAsync(
            () => records.ReadAsync(cancellationToken),
            InventoryReader.RecordsAsync(api, context.Sink.Warning, comparison.Unread, cancellationToken),
            cancellationToken
        );
        return Conclude(comparison);
    }

    private void Show(EtcdSnapshot snapshot, string step) => context.Sink.Progress(new ProgressUpdate($"Compare {snapshot}", null, step));

    private List<InventoryKindSummary> Conclude(InventoryComparison comparison)
    {
        foreach (var kind in comparison.KindsOfOtherVersions)
        {
            context.Sink.Warning($"{kind} was read in another API version by each side; such objects are compared by presence only.");
        }

        return [.. comparison.Summaries];
    }
}
