using EtcdDr.Engine.Kube;
using EtcdDr.Engine.Operations;

namespace EtcdDr.Engine.Objects.Restore;

/// <summary>Puts objects into a cluster, or says what that would do.</summary>
public sealed class RestoreObjectsOperation(OperationContext context)
{
    /// <summary>Says what would be done with each object, in the order of work, by the cluster's own dry run. Nothing is written.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="items">The objects.</param>
    /// <param name="options">How they go in.</param>
    /// <param name="emit">Is given each result.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="EtcdDrException">The cluster cannot be asked.</exception>
    public async Task PlanAsync(
        EtcdCluster cluster,
        IReadOnlyList<KubeObject> items,
        ObjectRestoreOptions options,
        Action<ClusterObjectResult> emit,
        CancellationToken cancellationToken
    )
    {
        await using var api = await KubeApi.ConnectAsync(cluster, cancellationToken);
        var target = await TargetCluster.ReadAsync(api, cluster.Name, cancellationToken);
        var run = new ObjectRestoreRun(context, target, ObjectBatch.Of(items, options), options, null, emit);
        await run.RunAsync(cancellationToken);
    }

    /// <summary>Puts them in. One object's failure is that object's, told as an error and a result, and the others go on.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="items">The objects.</param>
    /// <param name="options">How they go in.</param>
    /// <param name="emit">Is given each result.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The record that <see cref="UndoObjectsOperation"/> reads; null where there was nothing to do.</returns>
    /// <exception cref="EtcdDrException">The cluster cannot be asked, or the record not written.</exception>
    public async Task<string?> RunAsync(
        EtcdCluster cluster,
        IReadOnlyList<KubeObject> items,
        ObjectRestoreOptions options,
        Action<ClusterObjectResult> emit,
        CancellationToken cancellationToken
    )
    {
        await using var api = await KubeApi.ConnectAsync(cluster, cancellationToken);
        var target = await TargetCluster.ReadAsync(api, cluster.Name, cancellationToken);
        var batch = ObjectBatch.Of(items, options);
        await using var record =
            batch.Items.Count == 0
                ? null
                : await ObjectRecord.CreateAsync(options.RecordDirectory, cluster.Name, api.DisplayName, context.Time.GetUtcNow());
        if (record is not null)
        {
            context.Sink.Verbose($"What is replaced is kept in {record.Path}; Undo-ClusterObject reads it.");
        }

        await new ObjectRestoreRun(context, target, batch, options, record, emit).RunAsync(cancellationToken);
        return record?.Path;
    }
}
