using System.Text.Json.Nodes;
using EtcdDr.Lab.Played;

namespace EtcdDr.Lab.ApiServer;

/// <summary>Fields that cannot be changed once they are set, those that restores meet.</summary>
internal static class Immutable
{
    private static readonly Dictionary<string, string[][]> Fields = new()
    {
        ["deployments.apps"] =
        [
            ["spec", "selector"],
        ],
        ["statefulsets.apps"] =
        [
            ["spec", "serviceName"],
            ["spec", "selector"],
            ["spec", "volumeClaimTemplates"],
        ],
        ["jobs.batch"] =
        [
            ["spec", "selector"],
            ["spec", "template"],
        ],
        ["persistentvolumeclaims"] =
        [
            ["spec", "storageClassName"],
            ["spec", "volumeName"],
        ],
        ["storageclasses.storage.k8s.io"] =
        [
            ["provisioner"],
            ["parameters"],
        ],
        ["rolebindings.rbac.authorization.k8s.io"] =
        [
            ["roleRef"],
        ],
        ["clusterrolebindings.rbac.authorization.k8s.io"] =
        [
            ["roleRef"],
        ],
    };

    public static void Check(Resource resource, RequestInfo request, JsonObject current, JsonObject proposed)
    {
        if (resource.FullName is "configmaps" or "secrets" && current.True("immutable") && Differs(current, proposed, ["data"]))
            throw StatusException.Invalid(resource, request.Name!, "data: Forbidden: field is immutable when `immutable` is set");
        foreach (var path in Fields.GetValueOrDefault(resource.FullName, []))
        {
            if (current.At(path) is not null && Differs(current, proposed, path))
                throw StatusException.Invalid(resource, request.Name!, $"{string.Join('.', path)}: Invalid value: field is immutable");
        }
    }

    private static bool Differs(JsonObject current, JsonObject proposed, string[] path) =>
        !JsonNode.DeepEquals(current.At(path), proposed.At(path));
}
