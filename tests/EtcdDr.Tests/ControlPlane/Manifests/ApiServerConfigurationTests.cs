using EtcdDr.Engine.ControlPlane.Manifests;

namespace EtcdDr.Tests.ControlPlane.Manifests;

public sealed class ApiServerConfigurationTests
{
    [Fact]
    public void Kubeadms_manifest_is_read_with_paths_on_the_node()
    {
        var apiServer = Read(ManifestTexts.ApiServer);

        Assert.Equal(["https://127.0.0.1:2379"], apiServer.EtcdServers);
        Assert.True(apiServer.UsesLocalEtcd);
        Assert.Equal("10.5.176.144", apiServer.AdvertiseAddress);
        Assert.Equal(6443, apiServer.SecurePort);
        Assert.Equal(["/etc/kubernetes/pki/sa.pub"], apiServer.ServiceAccountKeyFiles);
        Assert.Equal("/etc/kubernetes/pki/sa.key", apiServer.ServiceAccountSigningKeyFile);
        Assert.Equal(["https://kubernetes.default.svc.cluster.local"], apiServer.ServiceAccountIssuers);
        Assert.Equal("10.96.0.0/12", apiServer.ServiceClusterIpRange);
        Assert.Equal("/srv/enc/enc.yaml", apiServer.EncryptionProviderConfig);
        Assert.Equal("/registry", apiServer.EtcdPrefix);
        Assert.Equal(["NodeRestriction"], apiServer.EnabledAdmissionPlugins);
    }

    [Theory]
    [InlineData("https://127.0.0.1:2379", true)]
    [InlineData("https://localhost:2379", true)]
    [InlineData("https://[::1]:2379", true)]
    [InlineData("https://10.5.176.144:2379", true)]
    [InlineData("127.0.0.1:2379", true)]
    [InlineData("https://etcd-1.example.com:2379", false)]
    [InlineData("https://127.0.0.1:2379,https://10.5.176.145:2379", false)]
    public void Etcd_elsewhere_is_told_from_etcd_on_the_node(string servers, bool local) =>
        Assert.Equal(
            local,
            Read(ManifestTexts.ApiServer.Replace("https://127.0.0.1:2379", servers, StringComparison.Ordinal)).UsesLocalEtcd
        );

    [Fact]
    public void A_port_that_is_none_is_an_error() =>
        Assert.Equal(
            "ManifestInvalid",
            Assert
                .Throws<EtcdDrException>(() =>
                    Read(ManifestTexts.ApiServer.Replace("--secure-port=6443", "--secure-port=http", StringComparison.Ordinal))
                )
                .ErrorId
        );

    private static ApiServerConfiguration Read(string text) =>
        ApiServerConfiguration.From(StaticPodManifest.Parse("m1", "/etc/kubernetes/manifests/kube-apiserver.yaml", text));
}
