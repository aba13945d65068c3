using System.Text.Json.Nodes;
using EtcdDr.Engine.Kube;
using EtcdDr.Engine.Objects.Cleaning;
using EtcdDr.Engine.Objects.Comparison;

namespace EtcdDr.Engine.Objects.Restore;

/// <summary>Puts one object into a cluster, or asks the cluster what that would do.</summary>
internal sealed class ObjectWriter(TargetCluster target, ObjectRestoreOptions options, bool isPlan)
{
    // Deleting one of these takes along what nobody has asked for: what is in it.
    private static readonly HashSet<string> NeverReplaced = new(StringComparer.Ordinal)
    {
        "Namespace",
        "PersistentVolume",
        "PersistentVolumeClaim",
        "CustomResourceDefinition.apiextensions.k8s.io",
    };

    private static readonly CleaningOptions Comparable = new() { KeepNodePort = true, KeepVolumeBinding = true };

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(500);

    private KubeWrite How =>
        new()
        {
            FieldManager = ObjectRestoreOptions.FieldManager,
            Force = options.Force,
            DryRun = isPlan,
        };

    /// <summary>What is done and what the object is then.</summary>
    /// <param name="Action">What is done.</param>
    /// <param name="Answer">The object as the cluster has it then.</param>
    /// <param name="Paths">Where it differs from what was there.</param>
    internal sealed record Outcome(ClusterObjectAction Action, JsonObject Answer, IReadOnlyList<string> Paths);

    /// <summary>Whether nothing has to be asked, since all that is wanted is there.</summary>
    public static bool IsThere(JsonObject? live, JsonObject wanted)
    {
        if (live is null || live["metadata"]?["deletionTimestamp"] is not null)
        {
            return false;
        }

        // Admission adds a token to pods, and nothing of a pod's that could be taken away again can be changed.
        var isPod = wanted.TextAt("kind") == "Pod";
        return ObjectDifference.Covers(isPod ? Reduced(live) : live, wanted)
            && (isPod || OwnedFields.AreWanted(live, wanted, ObjectRestoreOptions.FieldManager));
    }

    /// <summary>Puts it in.</summary>
    /// <param name="resource">Its resource.</param>
    /// <param name="item">The object as it is to be.</param>
    /// <param name="live">The object as it is; null where there is none.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="EtcdDrException">The cluster refuses it.</exception>
    public async Task<Outcome> PutAsync(KubeResource resource, KubeObject item, JsonObject? live, CancellationToken cancellationToken)
    {
        if (IsThere(live, item.Body))
        {
            return new Outcome(ClusterObjectAction.Unchanged, live!, []);
        }

        if (live?["metadata"]?["deletionTimestamp"] is not null)
        {
            throw ObjectErrors.BeingDeleted(target.Name, item.Key);
        }

        try
        {
            var answer = await target.Api.ApplyAsync(resource.PathOf(item.Namespace, item.Name), item.Body, How, cancellationToken);
            var paths = live is null ? [] : Difference(live, answer);
            var action =
                live is null ? ClusterObjectAction.Create
                : paths.Count == 0 ? ClusterObjectAction.Unchanged
                : ClusterObjectAction.Update;
            return new Outcome(action, answer, paths);
        }
        catch (EtcdDrException e) when (live is not null && options.Replace && ObjectRefusal.IsImmutable(e))
        {
            return await ReplaceAsync(resource, item, live, e, cancellationToken);
        }
    }

    /// <summary>Where two objects differ but for what clusters set.</summary>
    public static IReadOnlyList<string> Difference(JsonObject live, JsonObject answer) =>
        ObjectDifference.Paths(Reduced(live), Reduced(answer));

    private static JsonObject Reduced(JsonObject body) => ObjectCleaner.Clean(new KubeObject(body, string.Empty), Comparable).Item.Body;

    private async Task<Outcome> ReplaceAsync(
        KubeResource resource,
        KubeObject item,
        JsonObject live,
        EtcdDrException refusal,
        CancellationToken cancellationToken
    )
    {
        if (NeverReplaced.Contains(item.Key.FullKind))
        {
            throw ObjectErrors.NeverReplaced(target.Name, item.Key, refusal);
        }

        // Only what the cluster would take is worth a deletion: asked under another name, since this one is taken.
        var trial = (JsonObject)item.Body.DeepClone();
        trial["metadata"].RemoveAll("name", "ownerReferences");
        trial["metadata"]!["generateName"] = "etcddr-trial-";
        var answer = await target.Api.CreateAsync(
            resource.PathIn(item.Namespace),
            trial,
            cancellationToken,
            How with
            {
                DryRun = true,
                Force = false,
            }
        );
        if (isPlan)
        {
            return new Outcome(ClusterObjectAction.Replace, live, ObjectRefusal.Fields(refusal));
        }

        await DeleteAsync(target, resource, item, live, cancellationToken);
        answer = await target.Api.ApplyAsync(resource.PathOf(item.Namespace, item.Name), item.Body, How, cancellationToken);
        return new Outcome(ClusterObjectAction.Replace, answer, Difference(live, answer));
    }

    /// <summary>Deletes an object to make another of its name, and waits until it is gone.</summary>
    public static async Task DeleteAsync(
        TargetCluster target,
        KubeResource resource,
        KubeObject item,
        JsonObject live,
        CancellationToken cancellationToken
    )
    {
        var path = resource.PathOf(item.Namespace, item.Name);
        var how = new KubeDelete
        {
            Uid = live.TextAt("metadata", "uid"),
            // The new set takes over the pods of the former one, and no claim goes with it.
            Propagation = item.Is("StatefulSet.apps") ? "Orphan" : "Background",
        };
        await target.Api.DeleteAsync(path, how, cancellationToken);
        while (await target.Api.FindAsync(path, cancellationToken) is { } left && left.TextAt("metadata", "uid") == how.Uid)
        {
            await Task.Delay(Poll, cancellationToken);
        }
    }
}
