using EtcdDr.Engine.ControlPlane.Manifests;

namespace EtcdDr.Tests.ControlPlane.Manifests;

public sealed class EtcdMemberConfigurationTests
{
    [Fact]
    public void Kubeadms_manifest_is_read_whole()
    {
        var etcd = Read(ManifestTexts.Etcd);

        Assert.Equal("m1", etcd.Name);
        Assert.Equal("/var/lib/etcd", etcd.DataHostPath);
        Assert.Null(etcd.WalDir);
        Assert.Equal(2379, etcd.ClientPort);
        Assert.Equal(2380, etcd.PeerPort);
        Assert.Equal([new Uri("https://10.5.176.144:2380")], etcd.InitialAdvertisePeerUrls);
        Assert.Equal(["127.0.0.1", "10.5.176.144"], etcd.ListenClientUrls.Select(u => u.Host));
        Assert.Equal("/etc/kubernetes/pki/etcd/server.crt", etcd.CertFile);
        Assert.Equal("/etc/kubernetes/pki/etcd/peer.key", etcd.PeerKeyFile);
        Assert.True(etcd.ClientCertAuth);
        Assert.Equal("registry.k8s.io/etcd:3.6.4-0", etcd.Image);
        Assert.Empty(etcd.MountsInsideDataDir);
    }

    [Fact]
    public void Names_ports_and_directories_may_differ_from_the_defaults()
    {
        var etcd = Read(
            ManifestTexts
                .Etcd.Replace("--name=m1", "--name=infra-7", StringComparison.Ordinal)
                .Replace("--data-dir=/var/lib/etcd", "--data-dir=/var/lib/etcd/data", StringComparison.Ordinal)
                .Replace("--snapshot-count=10000", "--wal-dir=/var/lib/etcd/wal", StringComparison.Ordinal)
                .Replace("path: /var/lib/etcd\n", "path: /u01/etcd\n", StringComparison.Ordinal)
                .Replace(":2379", ":12379", StringComparison.Ordinal)
                .Replace(":2380", ":12380", StringComparison.Ordinal)
        );

        Assert.Equal("infra-7", etcd.Name);
        Assert.Equal("/var/lib/etcd/data", etcd.DataDir);
        Assert.Equal("/u01/etcd/data", etcd.DataHostPath);
        Assert.Equal("/u01/etcd/wal", etcd.WalHostPath);
        Assert.Equal(12379, etcd.ClientPort);
        Assert.Equal(12380, etcd.PeerPort);
    }

    [Fact]
    public void Etcds_environment_counts_where_a_flag_is_left_out()
    {
        var etcd = Read(
            ManifestTexts
                .Etcd.Replace("    - --data-dir=/var/lib/etcd\n", "", StringComparison.Ordinal)
                .Replace(
                    "    name: etcd\n",
                    "    name: etcd\n    env: [{name: ETCD_DATA_DIR, value: /var/lib/etcd/e}, {name: ETCD_NAME, value: no}]\n",
                    StringComparison.Ordinal
                )
        );

        Assert.Equal("/var/lib/etcd/e", etcd.DataHostPath);
        Assert.Equal("m1", etcd.Name);
    }

    [Theory]
    [InlineData("--data-dir=/var/lib/etcd", "--x=y", "ManifestInvalid", "no --data-dir")]
    [InlineData("--data-dir=/var/lib/etcd", "--data-dir=/elsewhere", "ManifestUnsupported", "in no hostPath volume")]
    [InlineData("--data-dir=/var/lib/etcd", "--data-dir=relative", "ManifestUnsupported", "not an absolute path")]
    [InlineData("--snapshot-count=10000", "--config-file=/etc/etcd.conf", "ManifestUnsupported", "--config-file")]
    [InlineData("--listen-peer-urls=https://10.5.176.144:2380", "--listen-peer-urls=nonsense", "ManifestInvalid", "'nonsense'")]
    [InlineData("    - etcd\n", "    - /bin/sh\n    - -c\n    - exec etcd\n", "ManifestUnsupported", "/bin/sh")]
    public void What_cannot_be_served_is_an_error_that_names_node_and_file(string from, string to, string errorId, string cause)
    {
        var error = Assert.Throws<EtcdDrException>(() => Read(ManifestTexts.Etcd.Replace(from, to, StringComparison.Ordinal)));

        Assert.Equal(errorId, error.ErrorId);
        Assert.Contains(cause, error.Message, StringComparison.Ordinal);
        Assert.Contains("node m1", error.Message, StringComparison.Ordinal);
        Assert.Contains("etcd.yaml", error.Message, StringComparison.Ordinal);
    }

    private static EtcdMemberConfiguration Read(string text) =>
        EtcdMemberConfiguration.From(StaticPodManifest.Parse("m1", "/etc/kubernetes/manifests/etcd.yaml", text));
}
