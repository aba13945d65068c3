using System.Text.Json.Nodes;
using EtcdDr.Lab.Played;
using EtcdDr.Lab.Tools;

namespace EtcdDr.Lab.Drill;

/// <summary>Objects that the drill writes to a cluster through its API, and looks for afterwards.</summary>
internal static class DrillObjects
{
    private const string Namespace = "shop";
    private const string Crd = "orders.shop.example";

    /// <summary>Writes a namespace with config maps, a secret, a deployment and an object of a custom resource.</summary>
    /// <param name="api">The cluster.</param>
    /// <param name="mark">What tells these objects from another cluster's.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task WriteAsync(LabApi api, string mark, CancellationToken cancellationToken)
    {
        await api.CreateAsync("/api/v1/namespaces", Item("v1", "Namespace", Namespace), cancellationToken);
        for (var number = 1; number <= 5; number++)
        {
            await WriteMapAsync(api, $"settings-{number}", mark, cancellationToken);
        }

        await api.CreateAsync(
            $"/api/v1/namespaces/{Namespace}/secrets",
            With(Item("v1", "Secret", "database"), "stringData", new JsonObject { ["password"] = $"not-a-real-one-{mark}" }),
            cancellationToken);
        await api.CreateAsync($"/apis/apps/v1/namespaces/{Namespace}/deployments", Deployment(), cancellationToken);
        await api.CreateAsync("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", Definition(), cancellationToken);
        var order = With(Item("shop.example/v1", "Order", "first"), "spec", new JsonObject { ["mark"] = mark });
        await api.WaitAsync("The custom resource being served", Served, TimeSpan.FromSeconds(30), cancellationToken);
        await api.CreateAsync($"/apis/shop.example/v1/namespaces/{Namespace}/orders", order, cancellationToken);

        async Task<bool> Served(LabApi one) =>
            await one.GetAsync($"/apis/shop.example/v1/namespaces/{Namespace}/orders", cancellationToken) is not null;
    }

    /// <summary>Writes one config map.</summary>
    public static Task WriteMapAsync(LabApi api, string name, string mark, CancellationToken cancellationToken) => api.CreateAsync(
        $"/api/v1/namespaces/{Namespace}/configmaps", With(Item("v1", "ConfigMap", name), "data", new JsonObject { ["mark"] = mark }), cancellationToken);

    /// <summary>Whether a config map is there.</summary>
    public static async Task<bool> HasMapAsync(LabApi api, string name, CancellationToken cancellationToken) =>
        await api.GetAsync($"/api/v1/namespaces/{Namespace}/configmaps/{name}", cancellationToken) is not null;

    /// <summary>Fails unless the API serves the objects with this mark.</summary>
    /// <exception cref="LabException">One is missing or another's.</exception>
    public static async Task ExpectAsync(LabApi api, string mark, CancellationToken cancellationToken)
    {
        for (var number = 1; number <= 5; number++)
        {
            await ExpectAsync(api, $"/api/v1/namespaces/{Namespace}/configmaps/settings-{number}", "data", mark, cancellationToken);
        }

        await ExpectAsync(api, $"/apis/shop.example/v1/namespaces/{Namespace}/orders/first", "spec", mark, cancellationToken);
        foreach (var path in new[] { $"/api/v1/namespaces/{Namespace}/secrets/database", $"/apis/apps/v1/namespaces/{Namespace}/deployments/front" })
        {
            _ = await api.GetAsync(path, cancellationToken) ?? throw new LabException($"{path} is missing.");
        }
    }

    private static async Task ExpectAsync(LabApi api, string path, string part, string mark, CancellationToken cancellationToken)
    {
        var item = await api.GetAsync(path, cancellationToken) ?? throw new LabException($"{path} is missing.");
        if (item.Text(part, "mark") is var found && found != mark)
        {
            throw new LabException($"{path} is marked '{found}', not '{mark}'.");
        }
    }

    private static JsonObject Deployment()
    {
        var labels = new JsonObject { ["app"] = "front" };
        var template = new JsonObject
        {
            ["metadata"] = new JsonObject { ["labels"] = labels.DeepClone() },
            ["spec"] = new JsonObject { ["containers"] = new JsonArray(new JsonObject { ["name"] = "front", ["image"] = "registry.k8s.io/pause:3.10.1" }) },
        };
        var spec = new JsonObject { ["replicas"] = 2, ["selector"] = new JsonObject { ["matchLabels"] = labels }, ["template"] = template };
        return With(Item("apps/v1", "Deployment", "front"), "spec", spec);
    }

    private static JsonObject Definition()
    {
        var version = new JsonObject
        {
            ["name"] = "v1",
            ["served"] = true,
            ["storage"] = true,
            ["schema"] = new JsonObject { ["openAPIV3Schema"] = new JsonObject { ["type"] = "object", ["x-kubernetes-preserve-unknown-fields"] = true } },
        };
        var spec = new JsonObject
        {
            ["group"] = "shop.example",
            ["scope"] = "Namespaced",
            ["names"] = new JsonObject { ["plural"] = "orders", ["singular"] = "order", ["kind"] = "Order" },
            ["versions"] = new JsonArray(version),
        };
        return With(Item("apiextensions.k8s.io/v1", "CustomResourceDefinition", Crd), "spec", spec);
    }

    private static JsonObject With(JsonObject item, string part, JsonObject value)
    {
        item[part] = value;
        return item;
    }

    private static JsonObject Item(string apiVersion, string kind, string name)
    {
        var metadata = new JsonObject { ["name"] = name };
        if (kind is not ("Namespace" or "CustomResourceDefinition"))
        {
            metadata["namespace"] = Namespace;
        }

        return new JsonObject { ["apiVersion"] = apiVersion, ["kind"] = kind, ["metadata"] = metadata };
    }
}
