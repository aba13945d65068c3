using System.Text.Json.Nodes;
using EtcdDr.Engine.Kube.Inventory;

namespace EtcdDr.Engine.Mirror.Checks;

/// <summary>Services that the primary's webhooks call are among what is restored.</summary>
internal sealed class WebhooksCheck : IMirrorCheck
{
    private const string Validating = "validatingwebhookconfigurations.admissionregistration.k8s.io";
    private const string Mutating = "mutatingwebhookconfigurations.admissionregistration.k8s.io";

    public string Name => "Webhooks";

    public string Category => "Workloads";

    public IEnumerable<MirrorFinding> Judge(SiteFacts primary, SiteFacts secondary)
    {
        if (primary.NamesOf("services") is not { } services)
        {
            return [MirrorFinding.Information("The primary's services are not known.")];
        }

        if (primary.Of(Validating) is not { } validating || primary.Of(Mutating) is not { } mutating)
        {
            return [MirrorFinding.Information("The primary's webhooks are not known.")];
        }

        var hooks = validating.Concat(mutating);
        var findings = hooks
            .SelectMany(h =>
                (h["webhooks"] as JsonArray ?? []).Select(w => (Hook: SiteFacts.NameOf(h), Service: w?["clientConfig"]?["service"]))
            )
            .Where(h => h.Service is not null)
            .Select(h => (h.Hook, Service: $"{InventoryRules.Text(h.Service!["namespace"])}/{InventoryRules.Text(h.Service["name"])}"))
            .Distinct()
            .Where(h => !services.Contains(h.Service))
            .Select(h =>
                MirrorFinding.Warning(
                    $"The webhook {h.Hook} calls the service {h.Service}, which the primary does not have.",
                    "Remove the webhook on the primary, or it may refuse objects after the restore."
                )
            );
        return MirrorFinding.OrPass(findings, true, "The services that webhooks call will be there.");
    }
}
