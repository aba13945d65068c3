using System.Text.Json.Nodes;

namespace EtcdDr.Engine.Objects.Cleaning;

/// <summary>What the job controller writes into jobs to find its pods.</summary>
internal static class JobRules
{
    private static readonly HashSet<string> ControllersLabels = new(StringComparer.Ordinal)
    {
        "batch.kubernetes.io/controller-uid",
        "batch.kubernetes.io/job-name",
        "controller-uid",
        "job-name",
    };

    /// <summary>Cleans a job, which is changed.</summary>
    public static void Clean(JsonObject body)
    {
        if (body["spec"] is not JsonObject spec || spec.IsTrue("manualSelector"))
        {
            return;
        }

        spec.Remove("selector");
        (spec.At("template", "metadata") as JsonObject)?.RemoveEntries("labels", ControllersLabels.Contains);
        (body["metadata"] as JsonObject)?.RemoveEntries("labels", ControllersLabels.Contains);
    }

    /// <summary>Whether a job has ended, one way or the other.</summary>
    public static bool IsFinished(JsonObject body) =>
        body.ObjectsAt("status", "conditions").Any(c => c.TextAt("type") is "Complete" or "Failed" && c.TextAt("status") == "True");
}
