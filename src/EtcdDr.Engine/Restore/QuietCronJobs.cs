using System.Text.Json.Nodes;
using EtcdDr.Engine.Kube;
using EtcdDr.Engine.Kube.Inventory;

namespace EtcdDr.Engine.Restore;

/// <summary>CronJobs that a quiet restore suspends. An annotation with the restore's id says which, so that those that were suspended
/// anyway stay so.</summary>
internal sealed class QuietCronJobs(KubeApi api, string id)
{
    /// <summary>Names the restore that suspended a CronJob.</summary>
    public const string HeldBy = "etcddr.io/suspended-by-restore";

    private const string Path = "/apis/batch/v1/cronjobs";

    /// <summary>Suspends what is not suspended.</summary>
    /// <returns>How many this restore holds.</returns>
    /// <exception cref="EtcdDrException">One was refused, after all have been asked for.</exception>
    public async Task<int> HoldAsync(CancellationToken cancellationToken)
    {
        var jobs = await ListAsync(cancellationToken);
        await ChangeAsync(jobs.Where(j => !IsSuspended(j)), Change(suspend: true, id), cancellationToken);
        return jobs.Count(j => !IsSuspended(j) || IsHeld(j));
    }

    /// <summary>Resumes what this restore suspended.</summary>
    /// <returns>How many.</returns>
    /// <exception cref="EtcdDrException">One was refused, after all have been asked for.</exception>
    public async Task<int> ReleaseAsync(CancellationToken cancellationToken)
    {
        var held = (await ListAsync(cancellationToken)).Where(IsHeld).ToList();
        await ChangeAsync(held, Change(suspend: false, null), cancellationToken);
        return held.Count;
    }

    private static bool IsSuspended(JsonObject job) => job["spec"]?["suspend"]?.GetValue<bool>() ?? false;

    private bool IsHeld(JsonObject job) => InventoryRules.Text(job["metadata"]?["annotations"]?[HeldBy]) == id;

    private static JsonObject Change(bool suspend, string? heldBy) =>
        new()
        {
            ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [HeldBy] = heldBy } },
            ["spec"] = new JsonObject { ["suspend"] = suspend },
        };

    private async Task<IReadOnlyList<JsonObject>> ListAsync(CancellationToken cancellationToken)
    {
        var jobs = new List<JsonObject>();
        await foreach (var job in api.ListAsync(Path, cancellationToken: cancellationToken))
        {
            jobs.Add(job);
        }

        return jobs;
    }

    private async Task ChangeAsync(IEnumerable<JsonObject> jobs, JsonObject change, CancellationToken cancellationToken)
    {
        EtcdDrException? refused = null;
        foreach (var metadata in jobs.Select(j => j["metadata"]!))
        {
            try
            {
                await api.PatchAsync(
                    $"/apis/batch/v1/namespaces/{InventoryRules.Text(metadata["namespace"])}/cronjobs/"
                        + InventoryRules.Text(metadata["name"]),
                    change.DeepClone().AsObject(),
                    KubePatch.Merge,
                    cancellationToken
                );
            }
            catch (EtcdDrException e) when (e.ErrorId != "KubeApiNotFound")
            {
                refused = e;
            }
            catch (EtcdDrException)
            {
                // Somebody deleted it: nothing is left to hold.
            }
        }

        if (refused is not null)
        {
            throw refused;
        }
    }
}
