using System.Runtime.CompilerServices;
using EtcdDr.Engine.Kube;
using EtcdDr.Engine.Kube.Inventory;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Snapshots;
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
    /// <exception cref="EtcdDrException"><c>SnapshotWithoutInventory</c>, <c>InventoryInvalid</c>, or what the API and the store say.</exception>
    public async Task<IReadOnlyList<InventoryKindSummary>> RunAsync(
        EtcdSnapshot snapshot, EtcdCluster cluster, Action<InventoryDifference> emit, CancellationToken cancellationToken)
    {
        await using var reader = await OpenAsync(snapshot, cancellationToken);
        await using var api = await KubeApi.ConnectAsync(cluster, cancellationToken);
        return await RunAsync(reader, api, cluster.Name, emit, cancellationToken);
    }

    /// <summary>Compares with another snapshot.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="other">The snapshot that it is compared with.</param>
    /// <param name="emit">Is given each difference as it is found.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>Counts per kind.</returns>
    /// <exception cref="EtcdDrException"><c>SnapshotWithoutInventory</c>, <c>InventoryInvalid</c>, or what the store says.</exception>
    public async Task<IReadOnlyList<InventoryKindSummary>> RunAsync(
        EtcdSnapshot snapshot, EtcdSnapshot other, Action<InventoryDifference> emit, CancellationToken cancellationToken)
    {
        await using var reader = await OpenAsync(snapshot, cancellationToken);
        await using var second = await OpenAsync(other, cancellationToken);
        var comparison = new InventoryComparison(snapshot.ToString(), other.ToString(), emit);
        await comparison.RunAsync(() => RecordsAsync(reader, cancellationToken), RecordsAsync(second, cancellationToken), cancellationToken);
        return Conclude(comparison);
    }

    private async Task<IReadOnlyList<InventoryKindSummary>> RunAsync(
        SnapshotReader reader, KubeApi api, string cluster, Action<InventoryDifference> emit, CancellationToken cancellationToken)
    {
        var comparison = new InventoryComparison(reader.Snapshot.ToString(), cluster, emit);
        await comparison.RunAsync(
            () => RecordsAsync(reader, cancellationToken),
            InventoryReader.RecordsAsync(api, context.Sink.Warning, comparison.Unread, cancellationToken),
            cancellationToken);
        return Conclude(comparison);
    }

    private List<InventoryKindSummary> Conclude(InventoryComparison comparison)
    {
        foreach (var kind in comparison.KindsOfOtherVersions)
        {
            context.Sink.Warning($"{kind} was read in another API version by each side; such objects are compared by presence only.");
        }

        return [.. comparison.Summaries];
    }

    private async Task<SnapshotReader> OpenAsync(EtcdSnapshot snapshot, CancellationToken cancellationToken)
    {
        var reader = await SnapshotReader.OpenAsync(snapshot, hosts, context, cancellationToken);
        try
        {
            await reader.UnlockAsync(cancellationToken);
            if (reader.ContentPaths.Contains(InventoryReader.RecordsPath, StringComparer.Ordinal))
            {
                return reader;
            }
        }
        catch
        {
            await reader.DisposeAsync();
            throw;
        }

        await reader.DisposeAsync();
        throw new EtcdDrException(
            "SnapshotWithoutInventory",
            EtcdDrErrorCategory.ObjectNotFound,
            $"'{snapshot}' holds no {InventoryReader.RecordsPath}, so there is nothing to compare: the MAA scripts write none, and New-EtcdSnapshot writes none while the API is away.",
            "Use a snapshot that New-EtcdSnapshot took while the API was up; Get-EtcdSnapshotKey lists what any snapshot holds.",
            snapshot.ToString());
    }

    private static async IAsyncEnumerable<InventoryRecord> RecordsAsync(SnapshotReader reader, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var stream = await reader.OpenFileAsync(InventoryReader.RecordsPath, cancellationToken);
        await foreach (var record in InventoryReader.ReadAsync(stream, cancellationToken))
        {
            yield return record;
        }
    }
}
