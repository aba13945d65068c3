using EtcdDr.Engine.ControlPlane.Alias;
using EtcdDr.Engine.Yaml;

namespace EtcdDr.Tests.ControlPlane.Alias;

public sealed class AliasTextTests
{
    private const string File = """
        # ours
        apiVersion: kubelet.config.k8s.io/v1beta1
        kind: KubeletConfiguration
        ---
        apiServer:
          certSANs:   # every name of the front end
          - old.example.com   # the first
          extraArgs: []
        apiVersion: kubeadm.k8s.io/v1beta4
        controlPlaneEndpoint: "old.example.com:6443" # the load balancer
        kind: ClusterConfiguration

        """;

    [Fact]
    public void Names_and_endpoint_are_changed_in_kubeadms_configuration_and_all_else_stays()
    {
        var changed = KubeadmText
            .Parse("a file", File)
            .WithNames(["new.example.com", "OLD.example.com"])
            .WithEndpoint("new.example.com:6443");

        var expected = File.Replace(
                "  - old.example.com   # the first\n",
                "  - old.example.com   # the first\n  - new.example.com\n",
                StringComparison.Ordinal
            )
            .Replace("\"old.example.com:6443\"", "new.example.com:6443", StringComparison.Ordinal);
        Assert.Equal(expected, changed.Text);
        Assert.Same(changed, changed.WithNames(["new.example.com"]));
    }

    [Theory]
    [InlineData("kind: ClusterConfiguration\n", "kind: ClusterConfiguration\napiServer:\n  certSANs:\n  - a.b\n")]
    [InlineData("apiServer: {}\nkind: ClusterConfiguration\n", "apiServer: {certSANs: [a.b]}\nkind: ClusterConfiguration\n")]
    [InlineData(
        "apiServer:\n  extraArgs: {}\nkind: ClusterConfiguration\n",
        "apiServer:\n  extraArgs: {}\n  certSANs:\n  - a.b\nkind: ClusterConfiguration\n"
    )]
    public void What_is_missing_is_made(string before, string after) =>
        Assert.Equal(after, KubeadmText.Parse("a file", before).WithNames(["a.b"]).Text);

    [Fact]
    public void One_phase_of_kubeadm_gets_a_configuration_of_its_own()
    {
        var documents = YamlReader.ReadAll(
            KubeadmText
                .Parse("a file", "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\n")
                .ForNode("/work", "cp1", "10.0.0.1", 6443)
        );

        Assert.Equal("/work", documents[0].TextOf("certificatesDir"));
        Assert.Equal("InitConfiguration", documents[1].TextOf("kind"));
        Assert.Equal("10.0.0.1", documents[1]["localAPIEndpoint"]!.TextOf("advertiseAddress"));
        Assert.Equal("cp1", documents[1]["nodeRegistration"]!.TextOf("name"));
    }

    [Theory]
    [InlineData("kind: InitConfiguration\n")]
    [InlineData("a: [1\n")]
    public void What_is_no_configuration_of_kubeadm_is_named(string text)
    {
        var error = Assert.Throws<EtcdDrException>(() => KubeadmText.Parse("config map kube-system/kubeadm-config", text));

        Assert.Equal("KubeadmConfigurationInvalid", error.ErrorId);
        Assert.Contains("kube-system/kubeadm-config", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_servers_that_are_the_front_end_are_switched()
    {
        const string Before =
            "clusters:\n- cluster: {server: https://LB:6443} # front\n- cluster:\n    server: https://10.0.0.1:6443\n- cluster:\n    "
            + "server: https://lb:8443\nusers: [] # none\n";

        var after = KubeconfigText.WithServer("a file", Before, new Uri("https://lb:6443"), new Uri("https://new:6443"));

        Assert.Equal(Before.Replace("https://LB:6443", "https://new:6443", StringComparison.Ordinal), after);
    }
}
