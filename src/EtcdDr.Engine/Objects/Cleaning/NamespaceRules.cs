using System.Text.Json.Nodes;

namespace EtcdDr.Engine.Objects.Cleaning;

/// <summary>What the API server writes into namespaces.</summary>
internal static class NamespaceRules
{
    /// <summary>Cleans a namespace, which is changed.</summary>
    public static void Clean(JsonObject body)
    {
        // Nothing but the finalizer of the namespace controller.
        body.Remove("spec");
        if (body["metadata"] is JsonObject metadata)
        {
            metadata.RemoveEntries("labels", key => key == "kubernetes.io/metadata.name");
        }
    }
}
