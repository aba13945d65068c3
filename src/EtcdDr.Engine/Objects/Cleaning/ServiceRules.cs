using System.Text.Json.Nodes;

namespace EtcdDr.Engine.Objects.Cleaning;

/// <summary>What a cluster allocates for services.</summary>
internal static class ServiceRules
{
    private const string Headless = "None";

    /// <summary>Cleans a service, which is changed.</summary>
    public static void Clean(JsonObject body, CleaningOptions options)
    {
        if (body["spec"] is not JsonObject spec)
        {
            return;
        }

        // A headless service says so by its address. Families and their policy are the user's, or follow from the policy: they stay whole.
        if (spec.TextAt("clusterIP") != Headless)
        {
            spec.RemoveAll("clusterIP", "clusterIPs");
        }

        if (options.KeepNodePort)
        {
            return;
        }

        spec.Remove("healthCheckNodePort");
        foreach (var port in spec.ObjectsAt("ports"))
        {
            port.Remove("nodePort");
        }
    }
}
