using System.Text.Json.Nodes;
using EtcdDr.Lab.Played;
using EtcdDr.Lab.Tools;

namespace EtcdDr.Lab.Drill;

/// <summary>Objects that the drill writes to a cluster through its API, and looks for afterwards.</summary>
internal static class DrillObjects
{
    private const string Namespace = "shop";
    private const string Crd = "orders.shop.example";
    private const string Maps = $"/api/v1/namespaces/{Namespace}/configmaps";
    private const string Deployments = $"/apis/apps/v1/namespaces/{Namespace}/deployments";
    private const string Orders = $"/apis/shop.example/v1/namespaces/{Namespace}/orders";

    /// <summary>Writes a namespace with config maps, a secret, deployments and objects of a custom resource.</summary>
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
            cancellationToken
        );
        await api.CreateAsync(Deployments, Deployment("front"), cancellationToken);
        await api.CreateAsync(Deployments, Deployment("back"), cancellationToken);
        await api.CreateAsync("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", Definition(), cancellationToken);
        await api.WaitAsync("The custom resource being served", Served, TimeSpan.FromSeconds(30), cancellationToken);
        await api.CreateAsync(Orders, Order("first", mark), cancellationToken);
        await api.CreateAsync(Orders, Order("second", mark), cancellationToken);
        await api.WaitForControllersAsync(cancellationToken);

        async Task<bool> Served(LabApi one) => await one.GetAsync(Orders, cancellationToken) is not null;
    }

    /// <summary>Changes, adds and deletes one Deployment, one config map and one object of the custom resource.</summary>
    /// <returns>What differs then, as change, kind and name.</returns>
    public static async Task<IReadOnlyList<string>> ChangeAsync(LabApi api, CancellationToken cancellationToken)
    {
        await api.PatchAsync(
            $"{Deployments}/front",
            new JsonObject { ["spec"] = new JsonObject { ["minReadySeconds"] = 1 } },
            cancellationToken
        );
        await api.PatchAsync(
            $"{Maps}/settings-1",
            new JsonObject { ["data"] = new JsonObject { ["mark"] = "changed" } },
            cancellationToken
        );
        await api.PatchAsync($"{Orders}/first", new JsonObject { ["spec"] = new JsonObject { ["mark"] = "changed" } }, cancellationToken);
        await api.CreateAsync(Deployments, Deployment("more"), cancellationToken);
        await WriteMapAsync(api, "settings-6", "more", cancellationToken);
        await api.CreateAsync(Orders, Order("third", "more"), cancellationToken);
        await api.DeleteAsync($"{Deployments}/back", cancellationToken);
        await api.DeleteAsync($"{Maps}/settings-2", cancellationToken);
        await api.DeleteAsync($"{Orders}/second", cancellationToken);
        return
        [
            "Changed Deployment front",
            "Changed ConfigMap settings-1",
            "Changed Order first",
            "Added Deployment more",
            "Added ConfigMap settings-6",
            "Added Order third",
            "Missing Deployment back",
            "Missing ConfigMap settings-2",
            "Missing Order second",
        ];
    }

    /// <summary>Writes one config map.</summary>
    public static Task WriteMapAsync(LabApi api, string name, string mark, CancellationToken cancellationToken) =>
        api.CreateAsync(Maps, With(Item("v1", "ConfigMap", name), "data", new JsonObject { ["mark"] = mark }), cancellationToken);

    /// <summary>Whether a config map is there.</summary>
    public static async Task<bool> HasMapAsync(LabApi api, string name, CancellationToken cancellationToken) =>
        await api.GetAsync($"{Maps}/{name}", cancellationToken) is not null;

    /// <summary>Fails unless the API serves the objects with this mark.</summary>
    /// <exception cref="LabException">One is missing or another's.</exception>
    public static async Task ExpectAsync(LabApi api, string mark, CancellationToken cancellationToken)
    {
        for (var number = 1; number <= 5; number++)
        {
            await ExpectAsync(api, $"{Maps}/settings-{number}", "data", mark, cancellationToken);
        }

        await ExpectAsync(api, $"{Orders}/first", "spec", mark, cancellationToken);
        foreach (var path in new[] { $"/api/v1/namespaces/{Namespace}/secrets/database", $"{Deployments}/front" })
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

    private static JsonObject Order(string name, string mark) =>
        With(Item("shop.example/v1", "Order", name), "spec", new JsonObject { ["mark"] = mark });

    private static JsonObject Deployment(string name)
    {
        var labels = new JsonObject { ["app"] = name };
        var template = new JsonObject
        {
            ["metadata"] = new JsonObject { ["labels"] = labels.DeepClone() },
            ["spec"] = new JsonObject
            {
                ["containers"] = new JsonArray(new JsonObject { ["name"] = name, ["image"] = "registry.k8s.io/pause:3.10.1" }),
            },
        };
        var spec = new JsonObject
        {
            ["replicas"] = 2,
            ["selector"] = new JsonObject { ["matchLabels"] = labels },
            ["template"] = template,
        };
        return With(Item("apps/v1", "Deployment", name), "spec", spec);
    }

    private static JsonObject Definition()
    {
        var version = new JsonObject
        {
            ["name"] = "v1",
            ["served"] = true,
            ["storage"] = true,
            ["schema"] = new JsonObject
            {
                ["openAPIV3Schema"] = new JsonObject { ["type"] = "object", ["x-kubernetes-preserve-unknown-fields"] = true },
            },
        };
        var spec = new JsonObject
        {
            ["group"] = "shop.example",
            ["scope"] = "Namespaced",
            ["names"] = new JsonObject
            {
                ["plural"] = "orders",
                ["singular"] = "order",
                ["kind"] = "Order",
            },
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

        return new JsonObject
        {
            ["apiVersion"] = apiVersion,
            ["kind"] = kind,
            ["metadata"] = metadata,
        };
    }
}
