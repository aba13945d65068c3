using System.Text.Json.Nodes;
using EtcdDr.Lab.Played;

namespace EtcdDr.Lab.ApiServer;

/// <summary>
/// Webhooks that a service serves. Nothing is sent: a service with a ready pod admits all, and one without fails every call as the real
/// apiserver tells it, closed or open as the webhook's failurePolicy says.
/// </summary>
internal sealed class WebhookAdmission
{
    private static readonly Resource[] Kinds =
    [
        .. Resources.BuiltIn.Where(r => r.Plural is "mutatingwebhookconfigurations" or "validatingwebhookconfigurations"),
    ];

    private static readonly Resource Services = Resources.BuiltIn.First(r => r.Plural == "services");
    private static readonly Resource Pods = Resources.BuiltIn.First(r => r.Plural == "pods");

    private readonly IObjectStore store;
    private readonly string root;
    private readonly Recent<IReadOnlyList<JsonObject>> recent;

    public WebhookAdmission(IObjectStore store, string root)
    {
        (this.store, this.root) = (store, root);
        recent = new Recent<IReadOnlyList<JsonObject>>(ReadAsync);
    }

    /// <summary>Asks those that want to be asked.</summary>
    /// <exception cref="StatusException">500: one that fails closed could not be called.</exception>
    public async Task AdmitAsync(
        string operation,
        Resource resource,
        RequestInfo request,
        JsonObject item,
        CancellationToken cancellationToken
    )
    {
        // The real one asks none about these: a broken webhook can always be taken away.
        if (resource.Group == "admissionregistration.k8s.io")
            return;
        foreach (var hook in await recent.GetAsync(cancellationToken))
        {
            if (await WantsAsync(hook, operation, resource, request, item, cancellationToken))
                await CallAsync(hook, cancellationToken);
        }
    }

    private async Task<IReadOnlyList<JsonObject>> ReadAsync(CancellationToken cancellationToken)
    {
        var hooks = new List<JsonObject>();
        foreach (var kind in Kinds)
        {
            await foreach (var page in store.PagesAsync(kind, kind.Prefix(root, null), cancellationToken))
                hooks.AddRange(page.Items.SelectMany(c => c.Object.Items("webhooks")));
        }

        return hooks;
    }

    private async Task<bool> WantsAsync(
        JsonObject hook,
        string operation,
        Resource resource,
        RequestInfo request,
        JsonObject item,
        CancellationToken cancellationToken
    )
    {
        var plural = request.Subresource is null ? resource.Plural : $"{resource.Plural}/{request.Subresource}";
        return hook.Items("rules").Any(r => Fits(r, operation, resource, plural))
            && Selects(hook.At("objectSelector"), item.At("metadata", "labels"))
            && Selects(hook.At("namespaceSelector"), await NamespaceLabelsAsync(resource, request, item, cancellationToken));
    }

    private static bool Fits(JsonObject rule, string operation, Resource resource, string plural) =>
        Has(rule, "operations", operation)
        && Has(rule, "apiGroups", resource.Group)
        && Has(rule, "apiVersions", resource.Version)
        && (
            rule.Texts("resources").Any(r => r == plural || r == "*/*" || (r == "*" && !plural.Contains('/', StringComparison.Ordinal)))
            || Has(rule, "resources", plural.Split('/')[0] + "/*")
        )
        && (rule.Text("scope") is null or "*" || rule.Text("scope") == (resource.Namespaced ? "Namespaced" : "Cluster"));

    private static bool Has(JsonObject rule, string list, string wanted) => rule.Texts(list).Any(v => v == "*" || v == wanted);

    private async Task<JsonObject?> NamespaceLabelsAsync(
        Resource resource,
        RequestInfo request,
        JsonObject item,
        CancellationToken cancellationToken
    )
    {
        var name = resource.Plural == "namespaces" ? item.Name() : request.Namespace;
        if (name is null)
            return null;
        var found = await store.GetAsync(Resources.Namespaces, Resources.Namespaces.Key(root, null, name), cancellationToken);
        var labels = (found?.Object.At("metadata", "labels") as JsonObject)?.Copy() ?? [];
        labels["kubernetes.io/metadata.name"] = name;
        return labels;
    }

    // A cluster-scoped object has no namespace to select by: it is always meant.
    private static bool Selects(JsonNode? selector, JsonNode? labels) =>
        selector is null
        || (selector.At("matchLabels") as JsonObject ?? []).All(l => labels.Text(l.Key) == l.Value?.ToString())
            && selector.Items("matchExpressions").All(e => Holds(e, labels));

    private static bool Holds(JsonObject expression, JsonNode? labels)
    {
        var value = labels.Text(expression.Text("key") ?? "");
        return expression.Text("operator") switch
        {
            "In" => value is not null && expression.Texts("values").Contains(value),
            "NotIn" => value is null || !expression.Texts("values").Contains(value),
            "Exists" => value is not null,
            _ => value is null,
        };
    }

    private async Task CallAsync(JsonObject hook, CancellationToken cancellationToken)
    {
        if (hook.At("clientConfig", "service") is not JsonObject target || hook.Text("failurePolicy") == "Ignore")
            return;
        var (ns, name) = (target.Text("namespace") ?? "", target.Text("name") ?? "");
        var port = target.Number("port") ?? 443;
        var service = await store.GetAsync(Services, Services.Key(root, ns, name), cancellationToken);
        if (service is not null && await IsUpAsync(service.Object, ns, cancellationToken))
            return;
        var why = service is null
            ? $"service \"{name}\" not found"
            : $"dial tcp {service.Object.Text("spec", "clusterIP")}:{port}: connect: connection refused";
        var url = $"https://{name}.{ns}.svc:{port}{target.Text("path")}?timeout={hook.Number("timeoutSeconds") ?? 10}s";
        var told = $"failed calling webhook \"{hook.Text("name")}\": failed to call webhook: Post \"{url}\": {why}";
        throw new StatusException(
            500,
            "InternalError",
            $"Internal error occurred: {told}",
            new JsonObject { ["causes"] = new JsonArray(new JsonObject { ["message"] = told }) }
        );
    }

    private async Task<bool> IsUpAsync(JsonObject service, string ns, CancellationToken cancellationToken)
    {
        if (service.At("spec", "selector") is not JsonObject { Count: > 0 } selector)
            return false;
        await foreach (var page in store.PagesAsync(Pods, Pods.Prefix(root, ns), cancellationToken))
        {
            if (page.Items.Any(p => Serves(p.Object, selector)))
                return true;
        }

        return false;
    }

    private static bool Serves(JsonObject pod, JsonObject selector) =>
        selector.All(l => pod.Text("metadata", "labels", l.Key) == l.Value?.ToString())
        && pod.Text("metadata", "deletionTimestamp") is null
        && pod.Items("status", "conditions").Any(c => c.Text("type") == "Ready" && c.Text("status") == "True");
}
