using System.Text.Json.Nodes;
using EtcdDr.Engine.Kube;
using EtcdDr.Engine.Objects.Cleaning;
using EtcdDr.Engine.Operations;

namespace EtcdDr.Engine.Objects.Restore;

/// <summary>Puts back what objects were before a run, by the run's record: what was made is deleted, what was changed is as it was. What
/// somebody has changed since is left.</summary>
public sealed class UndoObjectsOperation(OperationContext context)
{
    /// <summary>The newest record of a cluster.</summary>
    /// <param name="directory">Where records are kept.</param>
    /// <param name="cluster">The cluster's name.</param>
    /// <param name="cancellationToken">Stops looking.</param>
    /// <exception cref="EtcdDrException"><c>ObjectRecordNotFound</c>.</exception>
    public static async Task<string> NewestAsync(string directory, string cluster, CancellationToken cancellationToken)
    {
        foreach (var path in ObjectRecord.In(directory))
        {
            if (await ObjectRecord.ClusterOfAsync(path, cancellationToken) == cluster)
            {
                return path;
            }
        }

        throw ObjectErrors.RecordNotFound(directory, cluster);
    }

    /// <summary>Puts back.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="record">The record.</param>
    /// <param name="force">Whether what was changed since is put back too.</param>
    /// <param name="dryRun">Whether it is only said what would be done.</param>
    /// <param name="emit">Is given each result.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="EtcdDrException"><c>ObjectRecordInvalid</c>, <c>ObjectRecordOfOther</c>, or what the API says.</exception>
    public async Task RunAsync(
        EtcdCluster cluster,
        string record,
        bool force,
        bool dryRun,
        Action<ClusterObjectResult> emit,
        CancellationToken cancellationToken
    )
    {
        var of = await ObjectRecord.ClusterOfAsync(record, cancellationToken);
        if (of != cluster.Name)
        {
            throw ObjectErrors.RecordOfOther(record, of, cluster.Name);
        }

        var objects = await ObjectRecord.ReadAsync(record, cancellationToken);
        await using var api = await KubeApi.ConnectAsync(cluster, cancellationToken);
        var target = await TargetCluster.ReadAsync(api, cluster.Name, cancellationToken);
        var options = new ParallelOptions { MaxDegreeOfParallelism = context.ThrottleLimit, CancellationToken = cancellationToken };
        foreach (var turn in objects.GroupBy(o => o.Turn).OrderByDescending(g => g.Key))
        {
            await Parallel.ForEachAsync(
                turn,
                options,
                async (one, ct) =>
                {
                    var result = new ClusterObjectResult
                    {
                        Cluster = cluster.Name,
                        Action = ClusterObjectAction.Unchanged,
                        Planned = dryRun,
                        ApiVersion = one.Item.ApiVersion,
                        Kind = one.Item.Kind,
                        Namespace = one.Item.Namespace,
                        Name = one.Item.Name,
                        Source = record,
                    };
                    emit(await TryUndoAsync(target, one, result, force, dryRun, ct));
                }
            );
        }
    }

    private async Task<ClusterObjectResult> TryUndoAsync(
        TargetCluster target,
        RecordedObject one,
        ClusterObjectResult result,
        bool force,
        bool dryRun,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await UndoAsync(target, one, result, force, dryRun, cancellationToken);
        }
        catch (EtcdDrException e)
        {
            context.Sink.Error(ObjectErrors.Refused(target.Name, one.Item.Key, e));
            return result with { Action = ClusterObjectAction.Refused, Message = e.Message, ErrorId = e.ErrorId };
        }
    }

    private static async Task<ClusterObjectResult> UndoAsync(
        TargetCluster target,
        RecordedObject one,
        ClusterObjectResult result,
        bool force,
        bool dryRun,
        CancellationToken cancellationToken
    )
    {
        if (target.Find(one.Item) is not { } resource)
        {
            return result with { Message = "The cluster does not serve its kind any more." };
        }

        var path = resource.PathOf(one.Item.Namespace, one.Item.Name);
        var live = await target.Api.FindAsync(path, cancellationToken);
        if (live is null)
        {
            return await MissingAsync(target, resource, one, result, dryRun, cancellationToken);
        }

        if (one.Before is not null && IsSame(one.Before, live))
        {
            return result;
        }

        if (!force && WhyLeft(one, live) is { } why)
        {
            return result with { Action = ClusterObjectAction.Conflict, Message = why };
        }

        if (one.Before is null)
        {
            if (!force && await WhyKeptAsync(target, one.Item, cancellationToken) is { } kept)
            {
                return result with { Action = ClusterObjectAction.Conflict, Message = kept };
            }

            var how = new KubeDelete
            {
                Uid = live.TextAt("metadata", "uid"),
                ResourceVersion = live.TextAt("metadata", "resourceVersion"),
                DryRun = dryRun,
            };
            await target.Api.DeleteAsync(path, how, cancellationToken);
            return result with { Action = ClusterObjectAction.Delete };
        }

        return one.Before.TextAt("metadata", "uid") == live.TextAt("metadata", "uid")
            ? await FormerAsync(target, resource, one.Item, one.Before, live, result, dryRun, cancellationToken)
            : await OtherAsync(target, resource, one, live, result, dryRun, cancellationToken);
    }

    // It had been deleted and made anew, since a field could not be changed; so it is again.
    private static async Task<ClusterObjectResult> OtherAsync(
        TargetCluster target,
        KubeResource resource,
        RecordedObject one,
        JsonObject live,
        ClusterObjectResult result,
        bool dryRun,
        CancellationToken cancellationToken
    )
    {
        if (!dryRun)
        {
            await ObjectWriter.DeleteAsync(target, resource, one.Item, live, cancellationToken);
            await MissingAsync(target, resource, one, result, dryRun, cancellationToken);
        }

        return result with
        {
            Action = ClusterObjectAction.Replace,
            Paths = ObjectWriter.Difference(live, one.Before!),
        };
    }

    // What would take along what others have put into it.
    private static async Task<string?> WhyKeptAsync(TargetCluster target, KubeObject item, CancellationToken cancellationToken)
    {
        switch (item.Key.FullKind)
        {
            case "PersistentVolumeClaim":
                return "It may hold data by now. -Force deletes it all the same.";
            case "Namespace":
                return await target.FirstInAsync(item.Name, cancellationToken) is { } inside
                    ? $"{inside} is in it. -Force deletes all of it all the same."
                    : null;
            case "CustomResourceDefinition.apiextensions.k8s.io":
                return await target.FirstOfAsync(item.Name, cancellationToken) is { } instance
                    ? $"{instance} is one of it. -Force deletes all of them all the same."
                    : null;
            default:
                return null;
        }
    }

    // What stood there stands there again.
    private static async Task<ClusterObjectResult> FormerAsync(
        TargetCluster target,
        KubeResource resource,
        KubeObject item,
        JsonObject before,
        JsonObject live,
        ClusterObjectResult result,
        bool dryRun,
        CancellationToken cancellationToken
    )
    {
        var former = (JsonObject)before.DeepClone();
        if (former["metadata"] is not JsonObject metadata)
        {
            return result;
        }

        metadata["uid"] = live.TextAt("metadata", "uid");
        metadata["resourceVersion"] = live.TextAt("metadata", "resourceVersion");
        var answer = await target.Api.ReplaceAsync(
            resource.PathOf(item.Namespace, item.Name),
            former,
            cancellationToken,
            new KubeWrite { DryRun = dryRun, FieldManager = ObjectRestoreOptions.FieldManager }
        );
        return result with { Action = ClusterObjectAction.Update, Paths = ObjectWriter.Difference(live, answer) };
    }

    private static async Task<ClusterObjectResult> MissingAsync(
        TargetCluster target,
        KubeResource resource,
        RecordedObject one,
        ClusterObjectResult result,
        bool dryRun,
        CancellationToken cancellationToken
    )
    {
        if (one.Before is null)
        {
            return result with { Message = "It is not there." };
        }

        var former = ObjectCleaner.Clean(
            new KubeObject(one.Before, result.Source ?? string.Empty),
            new CleaningOptions { KeepNodePort = true, KeepVolumeBinding = true }
        );
        former.Item.Body["metadata"].RemoveAll("ownerReferences");
        await target.Api.CreateAsync(
            resource.PathIn(one.Item.Namespace),
            former.Item.Body,
            cancellationToken,
            new KubeWrite { DryRun = dryRun, FieldManager = ObjectRestoreOptions.FieldManager }
        );
        return result with { Action = ClusterObjectAction.Create };
    }

    private static bool IsSame(JsonObject before, JsonObject live) =>
        before.TextAt("metadata", "uid") == live.TextAt("metadata", "uid")
        && ObjectRecord.Digest(before, string.Empty) == ObjectRecord.Digest(live, string.Empty);

    // Null where the object is still what was written.
    private static string? WhyLeft(RecordedObject one, JsonObject live)
    {
        if (one.Sha256 is null)
        {
            return "It is not known whether the run has written it. -Force puts it back all the same.";
        }

        if (one.Uid != live.TextAt("metadata", "uid"))
        {
            return "It is another object by now. -Force puts it back all the same.";
        }

        return one.Sha256 == ObjectRecord.Digest(live, string.Empty)
            ? null
            : "Somebody has changed it since. -Force puts it back all the same.";
    }
}
