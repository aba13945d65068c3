using System.Text.Json.Nodes;
using EtcdDr.Engine.Mirror;
using EtcdDr.Engine.Nodes;
using EtcdDr.Engine.Restore;
using static EtcdDr.Tests.Mirror.MirrorSamples;

namespace EtcdDr.Tests.Restore;

/// <summary>Which findings of the mirror checks forbid a restore.</summary>
public sealed class RestorePreflightTests
{
    [Fact]
    public void A_fit_cluster_gives_no_finding() => Assert.Empty(RestorePreflight.Judge(Snapshot("10.0.1."), Site("10.0.2.")));

    [Fact]
    public void What_fails_forbids() =>
        Assert.Equal([("ServiceCidr", true)], Judged(Snapshot("10.0.1."), ApiServer(Site("10.0.2."), "10.96.0.0/12", "10.97.0.0/16")));

    [Fact]
    public void A_warning_does_not_forbid() =>
        Assert.Equal([("KubernetesVersion", false)], Judged(Snapshot("10.0.1."), Site("10.0.2.") with { KubernetesVersion = "v1.36.2" }));

    [Fact]
    public void A_dead_api_and_a_broken_etcd_do_not_forbid()
    {
        var site = Site("10.0.1.");
        var dead = site with
        {
            ApiFailure = Away(),
            Objects = new Dictionary<string, IReadOnlyList<JsonObject>>(),
            Members = [.. site.Members.Select(m => m with { Healthy = false, Errors = ["it is down"] })],
            Nodes =
            [
                .. site.Nodes.Select(n =>
                    n.Probe is { } p
                        ? n with
                        {
                            ApiServerFailure = n.Role == NodeRole.ControlPlane ? "It is away." : null,
                            Probe = p with
                            {
                                Reach = p.Reach.ToDictionary(
                                    r => r.Key,
                                    r => r.Key.EndsWith(":2049", StringComparison.Ordinal) ? r.Value : Reach.Refused
                                ),
                            },
                        }
                        : n
                ),
            ],
        };

        Assert.All(Judged(Snapshot("10.0.1."), dead), f => Assert.False(f.Forbids));
    }

    [Fact]
    public void A_worker_that_is_away_does_not_forbid() =>
        Assert.Equal([("SshAccess", false)], Judged(Snapshot("10.0.1."), Away(Site("10.0.2."), "w1", "HostUnreachable")));

    [Fact]
    public void A_missing_worker_forbids_on_another_site() =>
        Assert.Contains(("WorkerNames", true), Judged(Snapshot("10.0.1."), Without(Site("10.0.2."), "w2")));

    [Fact]
    public void A_missing_worker_of_the_clusters_own_snapshot_does_not_forbid() =>
        Assert.Contains(("WorkerNames", false), Judged(Snapshot("10.0.1."), Without(Site("10.0.1."), "w2")));

    [Fact]
    public void Classes_that_a_cluster_lost_come_back_with_its_own_snapshot() =>
        Assert.Equal(
            [("StorageClasses", false)],
            Judged(Snapshot("10.0.1."), WithObjects(Site("10.0.1."), "storageclasses.storage.k8s.io", []))
        );

    [Fact]
    public void Classes_that_another_site_lacks_forbid() =>
        Assert.Equal(
            [("StorageClasses", true)],
            Judged(Snapshot("10.0.1."), WithObjects(Site("10.0.2."), "storageclasses.storage.k8s.io", []))
        );

    [Fact]
    public void Other_control_plane_nodes_forbid_whatever_the_cluster() =>
        Assert.Contains(
            ("NodeNames", true),
            Judged(
                Snapshot("10.0.1."),
                WithObjects(Site("10.0.1."), "nodes", Site("10.0.1.").Nodes.Select(n => Node(n.Name == "cp2" ? "other" : n.Name, n.Role)))
            )
        );

    private static SiteFacts Snapshot(string network) => Settings(Site(network), s => s with { Members = [] });

    private static List<(string Check, bool Forbids)> Judged(SiteFacts snapshot, SiteFacts cluster) =>
        [.. RestorePreflight.Judge(snapshot, cluster).Select(f => (f.Check, f.Blocks)).Distinct()];
}
