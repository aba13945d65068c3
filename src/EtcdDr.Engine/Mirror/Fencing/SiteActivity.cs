using System.Globalization;
using System.Text.Json.Nodes;
using EtcdDr.Engine.Kube.Inventory;

namespace EtcdDr.Engine.Mirror.Fencing;

/// <summary>
/// Whether a site acts: its API answers, its apiservers hold master leases, somebody leads its controllers and schedules its pods, its
/// kubelets renew. Pure. A lease counts as held for a minute after it should have been renewed, so that clocks may differ a little.
/// </summary>
internal sealed record SiteActivity
{
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(1);
    private static readonly string[] Leaders = ["kube-controller-manager", "kube-scheduler"];

    /// <summary>Whether its API answers, be it with a refusal.</summary>
    public required bool Answers { get; init; }

    /// <summary>What holds leases, in words; empty where nothing does, or where that could not be read.</summary>
    public IReadOnlyList<string> Holds { get; init; } = [];

    /// <summary>Whether leases could be read.</summary>
    public bool LeasesAreKnown { get; init; }

    /// <summary>Reads it out of what a live site's API said.</summary>
    public static SiteActivity Of(SiteFacts site)
    {
        var answers = site.ApiFailure is null or { ErrorId: "KubeApiUnauthorized" or "KubeApiForbidden" };
        return site.Of("leases.coordination.k8s.io") is { } leases && site.ReadAt is { } now
            ? new SiteActivity
            {
                Answers = answers,
                LeasesAreKnown = true,
                Holds = [.. Led(leases, now), .. ApiServers(site), .. Kubelets(leases, now)],
            }
            : new SiteActivity { Answers = answers };
    }

    private static IEnumerable<string> Led(IReadOnlyList<JsonObject> leases, DateTime now) =>
        from name in Leaders
        let lease = leases.FirstOrDefault(l => SiteFacts.NameOf(l) == $"kube-system/{name}")
        where lease is not null && IsHeld(lease, now)
        select $"{name} leads ({InventoryRules.Text(lease["spec"]?["holderIdentity"])}, renewed {Age(lease, now)} ago)";

    // Endpoints of the service "kubernetes" are kept by apiservers, from the master leases that are not over.
    private static IEnumerable<string> ApiServers(SiteFacts site)
    {
        var endpoints = site.Of("endpoints")?.FirstOrDefault(e => SiteFacts.NameOf(e) == "default/kubernetes");
        var addresses = (endpoints?["subsets"] as JsonArray ?? [])
            .SelectMany(s => s?["addresses"] as JsonArray ?? [])
            .Select(a => InventoryRules.Text(a?["ip"]))
            .OfType<string>()
            .ToList();
        if (addresses.Count > 0)
        {
            yield return $"apiservers at {string.Join(", ", addresses)} hold master leases";
        }
    }

    private static IEnumerable<string> Kubelets(IReadOnlyList<JsonObject> leases, DateTime now)
    {
        var nodes = leases.Where(l => InventoryRules.Text(l["metadata"]?["namespace"]) == "kube-node-lease").ToList();
        var renewed = nodes.Count(l => IsHeld(l, now));
        if (renewed > 0)
        {
            yield return $"{renewed} of {nodes.Count} kubelets renew their leases";
        }
    }

    private static bool IsHeld(JsonObject lease, DateTime now)
    {
        var seconds = lease["spec"]?["leaseDurationSeconds"]?.GetValue<int>() ?? 15;
        return InventoryRules.Text(lease["spec"]?["holderIdentity"]) is { Length: > 0 }
            && Renewed(lease) is { } renewed
            && renewed + TimeSpan.FromSeconds(seconds) + Tolerance > now;
    }

    private static string Age(JsonObject lease, DateTime now) =>
        string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, (now - Renewed(lease)!.Value).TotalSeconds):F0} s");

    private static DateTime? Renewed(JsonObject lease) =>
        DateTime.TryParse(
            InventoryRules.Text(lease["spec"]?["renewTime"]),
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out var time
        )
            ? time
            : null;
}
