using System.Text.Json.Nodes;

namespace EtcdDr.Engine.Objects.Cleaning;

/// <summary>
/// Takes out of an object what the cluster that it comes from has set in it, so that another cluster, or the same one later, sets it anew.
/// By structure alone: a key's place says what it is, never its name, so that data of secrets and config maps stays as it is whatever its
/// keys are called.
/// </summary>
internal static class ObjectCleaner
{
    /// <summary>The object without what its cluster has set. What is given is not changed.</summary>
    public static CleanObject Clean(KubeObject item, CleaningOptions options)
    {
        var body = (JsonObject)item.Body.DeepClone();
        var notes = new List<string>();
        body.Remove("status");
        if (body["metadata"] is JsonObject metadata)
        {
            MetadataRules.Clean(metadata, notes);
        }

        switch (item.Key.FullKind)
        {
            case "Namespace":
                NamespaceRules.Clean(body);
                break;
            case "Service":
                ServiceRules.Clean(body, options);
                break;
            case "PersistentVolumeClaim":
                VolumeRules.CleanClaim(body, options, notes);
                break;
            case "PersistentVolume":
                VolumeRules.CleanVolume(body, options, notes);
                break;
            case "StatefulSet.apps":
                VolumeRules.CleanTemplates(body);
                break;
            case "Job.batch":
                JobRules.Clean(body);
                break;
            case "Pod":
                PodRules.Clean(body);
                break;
            case "ServiceAccount":
                AccountRules.CleanAccount(body);
                break;
            case "Secret":
                AccountRules.CleanSecret(body, notes);
                break;
        }

        if (body.At("spec", "template", "metadata") is JsonObject template)
        {
            // The API server writes it into every template that has no time of its own.
            template.Remove("creationTimestamp");
        }

        return new CleanObject(item with { Body = body }, notes);
    }
}
