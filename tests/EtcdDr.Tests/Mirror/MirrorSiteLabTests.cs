using EtcdDr.Lab.Kubeadm;
using EtcdDr.Tests.Labs;

namespace EtcdDr.Tests.Mirror;

/// <summary>The mirror checks between sites that were made differently: exactly the check that is about the difference fires.</summary>
[Trait("Category", "Lab")]
public sealed class MirrorSiteLabTests(SmallSiteFixture fixture) : IClassFixture<SmallSiteFixture>
{
    // The node's kubelet is of the same release as its control plane, which is told once.
    [LabFact]
    public async Task Kubernetes_a_minor_version_apart_fires_alone() =>
        Assert.Equal(
            MirrorStatus.Fail,
            Assert
                .Single(MirrorRun.Only("KubernetesVersion", await CheckAsync(layout => layout with { KubernetesVersion = "v1.35.3" })))
                .Status
        );

    // Its tools are too old to raise revisions, which is a warning of its own.
    [LabFact]
    public async Task Etcd_a_minor_version_apart_fires_alone()
    {
        var checks = await CheckAsync(layout => layout, etcd: "3.4");

        Assert.Equal("3.4", Assert.Single(MirrorRun.Only("EtcdVersion", checks.Where(c => c.Name != "RestoreTool"))).SecondaryValue?[..3]);
        Assert.Contains("can raise", Assert.Single(checks, c => c.Name == "RestoreTool").Message, StringComparison.Ordinal);
    }

    [LabFact]
    public async Task Another_service_cidr_fires_alone() =>
        MirrorRun.Only("ServiceCidr", await CheckAsync(layout => layout with { ServiceCidr = "10.96.0.0/16" }));

    [LabFact]
    public async Task Another_issuer_fires_alone() =>
        MirrorRun.Only("ServiceAccountIssuer", await CheckAsync(layout => layout with { Issuer = "https://issuer.example.com" }));

    [LabFact]
    public async Task A_full_disk_fires_alone()
    {
        const long left = 20 * 1024 * 1024;
        var site = MirrorRun.Cluster(fixture.Site);
        var node = fixture.Site["cp1"];
        await node.FillDiskAsync("/var/lib", left);
        try
        {
            Assert.Equal("cp1", Assert.Single(MirrorRun.Only("FreeSpace", await MirrorRun.CheckAsync(site, site))).Node);
        }
        finally
        {
            await node.FreeDiskAsync();
        }
    }

    private async Task<IReadOnlyList<MirrorCheck>> CheckAsync(Func<ClusterLayout, ClusterLayout> layout, string etcd = "3.5")
    {
        await using var other = await SmallSiteFixture.UpAsync(layout, etcd);
        return await MirrorRun.CheckAsync(MirrorRun.Cluster(fixture.Site), MirrorRun.Cluster(other.Primary));
    }
}
