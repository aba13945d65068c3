using EtcdDr.Engine.Kube.Inventory;

namespace EtcdDr.Engine.Mirror.Checks;

/// <summary>Services that want a load balancer of the site.</summary>
internal sealed class LoadBalancersCheck : IMirrorCheck
{
    public string Name => "LoadBalancers";

    public string Category => "Workloads";

    public IEnumerable<MirrorFinding> Judge(SiteFacts primary, SiteFacts secondary)
    {
        if (primary.Of("services") is not { } all)
        {
            return [MirrorFinding.Information("The primary's services are not known.")];
        }

        var services = all.Where(s => InventoryRules.Text(s["spec"]?["type"]) == "LoadBalancer")
            .Select(SiteFacts.NameOf)
            .Order(StringComparer.Ordinal)
            .ToList();
        return services.Count == 0
            ? [MirrorFinding.Pass("No service wants a load balancer.")]
            : [MirrorFinding.Information($"Services that will want a load balancer on the secondary: {string.Join(", ", services)}.")];
    }
}
