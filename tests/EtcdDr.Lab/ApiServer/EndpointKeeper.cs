using System.Net;
using System.Text.Json.Nodes;
using EtcdDr.Lab.Played;

namespace EtcdDr.Lab.ApiServer;

/// <summary>
/// Keeps what each apiserver keeps by itself: the system namespaces, its master lease (15 s), and with all that have one the endpoints of
/// the kubernetes service. With <c>--endpoint-reconciler-type=none</c> there are neither leases nor endpoints.
/// </summary>
internal sealed class EndpointKeeper(EtcdStore store, string root, string address, int port, string serviceRange, bool leases = true)
{
    private static readonly TimeSpan Life = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private string LeaseKey => $"{root}/masterleases/{address}";

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await BootstrapAsync(cancellationToken);
                if (!leases)
                    return;
                await RenewAsync(cancellationToken);
                await ReconcileAsync(cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception) when (exception is StatusException or Grpc.Core.RpcException)
            {
                ComponentProcess.Log($"Unable to keep the kubernetes service: {exception.Message}");
            }

            await Task.Delay(Interval, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>An orderly end takes the own lease away, so that the endpoints do not name a dead server for 15 s.</summary>
    public Task LeaveAsync(CancellationToken cancellationToken) =>
        leases ? store.RemoveAsync(LeaseKey, cancellationToken) : Task.CompletedTask;

    private async Task BootstrapAsync(CancellationToken cancellationToken)
    {
        foreach (var ns in (string[])["default", "kube-system", "kube-public", "kube-node-lease"])
            await EnsureAsync("namespaces", null, ns, new JsonObject(), cancellationToken);
        foreach (var (name, value) in ((string, int)[])[("system-node-critical", 2000001000), ("system-cluster-critical", 2000000000)])
            await EnsureAsync("priorityclasses", null, name, new JsonObject { ["value"] = value }, cancellationToken);
        await EnsureAsync("clusterroles", null, "cluster-admin", ClusterAdmin(), cancellationToken);
        var service = Defaults.Nth(IPNetwork.Parse(serviceRange), 1).ToString();
        await EnsureAsync(
            "services",
            "default",
            "kubernetes",
            new JsonObject
            {
                ["spec"] = new JsonObject
                {
                    ["type"] = "ClusterIP",
                    ["clusterIP"] = service,
                    ["clusterIPs"] = new JsonArray(service),
                    ["sessionAffinity"] = "None",
                    ["ipFamilies"] = new JsonArray("IPv4"),
                    ["ipFamilyPolicy"] = "SingleStack",
                    ["ports"] = new JsonArray(
                        new JsonObject
                        {
                            ["name"] = "https",
                            ["port"] = 443,
                            ["protocol"] = "TCP",
                            ["targetPort"] = port,
                        }
                    ),
                },
            },
            cancellationToken
        );
    }

    // Of the roles that the real one makes at its start only the one that bindings here refer to.
    private static JsonObject ClusterAdmin() =>
        new()
        {
            ["rules"] = new JsonArray(
                new JsonObject
                {
                    ["apiGroups"] = new JsonArray("*"),
                    ["resources"] = new JsonArray("*"),
                    ["verbs"] = new JsonArray("*"),
                },
                new JsonObject { ["nonResourceURLs"] = new JsonArray("*"), ["verbs"] = new JsonArray("*") }
            ),
        };

    private async Task EnsureAsync(string plural, string? ns, string name, JsonObject item, CancellationToken cancellationToken)
    {
        var resource = Resources.BuiltIn.First(r => r.Plural == plural);
        var key = resource.Key(root, ns, name);
        if (await store.GetAsync(resource, key, cancellationToken) is not null)
            return;
        await store.PutAsync(resource, key, Complete(resource, ns, name, item), 0, cancellationToken);
    }

    private static JsonObject Complete(Resource resource, string? ns, string name, JsonObject item)
    {
        item["kind"] = resource.Kind;
        item["apiVersion"] = resource.ApiVersion;
        var metadata = item.Make("metadata");
        metadata["name"] = name;
        if (ns is not null)
            metadata["namespace"] = ns;
        if (name == "kubernetes")
            metadata["labels"] = new JsonObject { ["component"] = "apiserver", ["provider"] = "kubernetes" };
        metadata["uid"] = Guid.NewGuid().ToString();
        metadata["creationTimestamp"] = Json.Time(DateTimeOffset.UtcNow);
        Defaults.Apply(resource, item);
        return item;
    }

    private Task RenewAsync(CancellationToken cancellationToken)
    {
        var lease = new JsonObject
        {
            ["kind"] = "Endpoints",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject(),
            ["subsets"] = new JsonArray(new JsonObject { ["addresses"] = new JsonArray(new JsonObject { ["ip"] = address }) }),
        };
        return store.PutLeasedAsync(LeaseKey, lease, Life, cancellationToken);
    }

    private async Task ReconcileAsync(CancellationToken cancellationToken)
    {
        var servers = await store.NamesAsync($"{root}/masterleases/", cancellationToken);
        JsonArray Addresses() => new(servers.Select(s => (JsonNode?)new JsonObject { ["ip"] = s }).ToArray());
        await WriteAsync(
            "endpoints",
            item =>
                item["subsets"] = new JsonArray(
                    new JsonObject
                    {
                        ["addresses"] = Addresses(),
                        ["ports"] = new JsonArray(
                            new JsonObject
                            {
                                ["name"] = "https",
                                ["port"] = port,
                                ["protocol"] = "TCP",
                            }
                        ),
                    }
                ),
            cancellationToken
        );
        await WriteAsync(
            "endpointslices",
            item =>
            {
                item["addressType"] = "IPv4";
                item.Make("metadata", "labels")["kubernetes.io/service-name"] = "kubernetes";
                item["ports"] = new JsonArray(
                    new JsonObject
                    {
                        ["name"] = "https",
                        ["port"] = port,
                        ["protocol"] = "TCP",
                    }
                );
                item["endpoints"] = new JsonArray(
                    servers
                        .Select(s =>
                            (JsonNode?)
                                new JsonObject
                                {
                                    ["addresses"] = new JsonArray(s),
                                    ["conditions"] = new JsonObject { ["ready"] = true },
                                }
                        )
                        .ToArray()
                );
            },
            cancellationToken
        );
    }

    private async Task WriteAsync(string plural, Action<JsonObject> set, CancellationToken cancellationToken)
    {
        var resource = Resources.BuiltIn.First(r => r.Plural == plural);
        var key = resource.Key(root, "default", "kubernetes");
        var current = await store.GetAsync(resource, key, cancellationToken);
        var changed = current?.Object.Copy() ?? Complete(resource, "default", "kubernetes", []);
        set(changed);
        if (current is not null && JsonNode.DeepEquals(changed, current.Object))
            return;
        // Another apiserver's write in between says the same; the next round looks again.
        await store.PutAsync(resource, key, changed, current?.Revision ?? 0, cancellationToken);
    }
}
