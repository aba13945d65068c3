using System.Text.Json.Nodes;
using EtcdDr.Engine.Kube;

namespace EtcdDr.Engine.Restore;

/// <summary>Finds the workloads behind admission webhooks: those whose pods the webhooks' services select.</summary>
internal static class WebhookBackends
{
    private static readonly string[] Collections =
    [
        "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations",
        "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations",
    ];

    /// <summary>Says of a workload whether a webhook is answered by it. Where webhooks or services cannot be read, of none: then the order
    /// is the usual one.</summary>
    public static async Task<Func<Workload, bool>> ReadAsync(KubeApi api, CancellationToken cancellationToken)
    {
        var selectors = new List<(string Namespace, IReadOnlyDictionary<string, string> Labels)>();
        try
        {
            foreach (var (space, name) in await ServicesAsync(api, cancellationToken))
            {
                var service = await api.FindAsync($"/api/v1/namespaces/{space}/services/{name}", cancellationToken);
                if (service?["spec"]?["selector"] is JsonObject { Count: > 0 } selector)
                {
                    selectors.Add((space, Workload.Labels(selector)));
                }
            }
        }
        catch (EtcdDrException)
        {
            return _ => false;
        }

        return workload =>
            selectors.Exists(s =>
                s.Namespace == workload.Namespace
                && s.Labels.All(l => workload.PodLabels.TryGetValue(l.Key, out var value) && value == l.Value)
            );
    }

    private static async Task<HashSet<(string Namespace, string Name)>> ServicesAsync(KubeApi api, CancellationToken cancellationToken)
    {
        var services = new HashSet<(string, string)>();
        foreach (var collection in Collections)
        {
            await foreach (var item in api.ListAsync(collection, cancellationToken: cancellationToken))
            {
                foreach (var hook in item["webhooks"] as JsonArray ?? [])
                {
                    var service = hook?["clientConfig"]?["service"];
                    if ((string?)service?["namespace"] is { } space && (string?)service["name"] is { } name)
                    {
                        services.Add((space, name));
                    }
                }
            }
        }

        return services;
    }
}
