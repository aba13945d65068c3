using System.Text.Json.Nodes;
using EtcdDr.Engine.Mirror;
using EtcdDr.Engine.Mirror.Checks;
using EtcdDr.Engine.Mirror.Fencing;
using EtcdDr.Engine.Restore;

namespace EtcdDr.Tests.Mirror;

/// <summary>Whether the primary still acts, and what both sites would write into.</summary>
public sealed class FencingTests
{
    private static readonly DateTime Now = new(2026, 11, 23, 12, 0, 0, DateTimeKind.Utc);

    [Theory]
    [InlineData("""{"nfs":{"server":"10.0.0.5","path":"/export/a"}}""", "nfs 10.0.0.5 /export/a")]
    [InlineData("""{"csi":{"driver":"nfs.csi.k8s.io","volumeHandle":"10.0.0.5#a#pvc-1"}}""", "nfs.csi.k8s.io 10.0.0.5#a#pvc-1")]
    [InlineData("""{"iscsi":{"targetPortal":"10.0.0.9:3260","iqn":"iqn.2026-11.x","lun":1}}""", "iscsi 10.0.0.9:3260 iqn.2026-11.x 1")]
    [InlineData("""{"rbd":{"monitors":["a:6789","b:6789"],"pool":"kube","image":"v1"}}""", "rbd a:6789,b:6789 kube v1")]
    [InlineData("""{"fc":{"targetWWNs":["50060e801049cfd1"],"lun":0}}""", "fc 50060e801049cfd1 0")]
    [InlineData("""{"hostPath":{"path":"/data"}}""", null)]
    [InlineData("""{"local":{"path":"/mnt/disk"},"nodeAffinity":{}}""", null)]
    public void What_a_volume_stands_for_is_told_by_its_source(string spec, string? storage) =>
        Assert.Equal(storage, SharedVolumes.StorageOf(new JsonObject { ["spec"] = JsonNode.Parse(spec) }));

    [Fact]
    public void The_same_export_bound_on_both_sites_is_a_warning_whatever_the_volumes_are_called()
    {
        var primary = Live() with
        {
            Objects = Objects(Volume("pv-a", "/export/a"), Volume("pv-b", "/export/b"), Volume("pv-c", "/export/c", "Released")),
        };
        var secondary = Live() with { Objects = Objects(Volume("pv-z", "/export/a"), Volume("pv-c", "/export/c")) };

        var finding = Assert.Single(new SharedVolumesCheck().Judge(primary, secondary));

        Assert.Equal(MirrorStatus.Warning, finding.Status);
        Assert.Contains("1 bound volumes", finding.Message, StringComparison.Ordinal);
        Assert.Contains("pv-a and pv-z (nfs 10.0.0.5 /export/a)", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Sites_that_share_nothing_pass_and_unknown_volumes_are_said_to_be_unknown()
    {
        var none = Live() with { Objects = Objects() };

        Assert.Equal(MirrorStatus.Pass, Assert.Single(new SharedVolumesCheck().Judge(none, none)).Status);
        Assert.Equal(MirrorStatus.Information, Assert.Single(new SharedVolumesCheck().Judge(none, Live())).Status);
    }

    [Fact]
    public void A_primary_that_serves_and_holds_its_leases_is_told_with_who_holds_them()
    {
        var said = Assert.Single(new PrimaryActivityCheck().Judge(Acting(), Live())).Message;

        Assert.Contains("kube-controller-manager leads (cp1_x, renewed 2 s ago)", said, StringComparison.Ordinal);
        Assert.Contains("apiservers at 10.0.1.11 hold master leases", said, StringComparison.Ordinal);
        Assert.Contains("1 of 2 kubelets renew their leases", said, StringComparison.Ordinal);
        Assert.DoesNotContain("kube-scheduler", said, StringComparison.Ordinal);
    }

    [Fact]
    public void An_api_that_does_not_answer_is_no_proof_that_its_nodes_are_off()
    {
        var gone = Live() with { ApiFailure = Failure("KubeApiUnreachable") };
        var refusing = Live() with { ApiFailure = Failure("KubeApiForbidden") };

        Assert.Contains("no proof", Assert.Single(new PrimaryActivityCheck().Judge(gone, Live())).Message, StringComparison.Ordinal);
        Assert.Contains("API answers", Assert.Single(new PrimaryActivityCheck().Judge(refusing, Live())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_plan_warns_of_a_source_that_serves_and_refuses_nothing()
    {
        var snapshot = Live() with { IsLive = false, Objects = Objects(Volume("pv-a", "/export/a")) };

        var finding = Assert.Single(SourceFindings.Judge(Acting(), snapshot, Live(), quiesce: false));
        var quiet = Assert.Single(SourceFindings.Judge(Acting(), snapshot, Live(), quiesce: true));

        Assert.False(finding.Blocks);
        Assert.Contains("still serves: kube-controller-manager leads", finding.Message, StringComparison.Ordinal);
        Assert.Contains("pv-a (nfs 10.0.0.5 /export/a)", finding.Message, StringComparison.Ordinal);
        Assert.Contains("-Quiesce", finding.Remedy, StringComparison.Ordinal);
        Assert.Contains("Complete-EtcdRestore", quiet.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void A_source_that_is_gone_and_shares_nothing_is_nothing_to_say()
    {
        var gone = Live() with { ApiFailure = Failure("KubeApiUnreachable") };

        Assert.Empty(SourceFindings.Judge(gone, Live() with { Objects = Objects() }, Live(), quiesce: false));
        Assert.Empty(SourceFindings.Judge(null, Live(), Live(), quiesce: false));
    }

    private static SiteFacts Acting() =>
        Live() with
        {
            Objects = new Dictionary<string, IReadOnlyList<JsonObject>>
            {
                ["leases.coordination.k8s.io"] =
                [
                    Lease("kube-system", "kube-controller-manager", "cp1_x", 2),
                    Lease("kube-system", "kube-scheduler", "cp2_y", 3600),
                    Lease("kube-node-lease", "cp1", "cp1", 5),
                    Lease("kube-node-lease", "w1", "w1", 900),
                ],
                ["endpoints"] =
                [
                    JsonNode
                        .Parse(
                            """{"metadata":{"namespace":"default","name":"kubernetes"},"subsets":[{"addresses":[{"ip":"10.0.1.11"}]}]}"""
                        )!
                        .AsObject(),
                ],
            },
        };

    private static SiteFacts Live() =>
        new()
        {
            Name = "primary",
            Nodes = [],
            IsLive = true,
            ReadAt = Now,
        };

    private static Dictionary<string, IReadOnlyList<JsonObject>> Objects(params JsonObject[] volumes) =>
        new() { ["persistentvolumes"] = volumes };

    private static JsonObject Volume(string name, string path, string phase = "Bound") =>
        JsonNode
            .Parse(
                $$$"""
                {"metadata":{"name":"{{{name}}}"},"spec":{"nfs":{"server":"10.0.0.5","path":"{{{path}}}"}},
                  "status":{"phase":"{{{phase}}}"}}
                """
            )!
            .AsObject();

    private static JsonObject Lease(string ns, string name, string holder, int secondsAgo) =>
        JsonNode
            .Parse(
                $$$"""
                {"metadata":{"namespace":"{{{ns}}}","name":"{{{name}}}"},"spec":{"holderIdentity":"{{{holder}}}","leaseDurationSeconds":15,
                "renewTime":"{{{Now.AddSeconds(-secondsAgo):yyyy-MM-dd'T'HH:mm:ss'.000000Z'}}}"}}
                """
            )!
            .AsObject();

    private static EtcdDrException Failure(string id) => new(id, EtcdDrErrorCategory.ConnectionError, "gone", "wait");
}
