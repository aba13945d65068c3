using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using EtcdDr.Engine.ControlPlane.Manifests;
using EtcdDr.Engine.Kube;
using EtcdDr.Engine.Objects.Sources;
using EtcdDr.Engine.Snapshots;
using EtcdDr.Engine.Snapshots.Mounting;

namespace EtcdDr.Tests.Snapshots.Mounting;

/// <summary>What a mount decides without a node: flags, policy, ways out, kubeconfig, certificates, what is refused.</summary>
public sealed class MountFilesTests
{
    private const string Manifest = """
        apiVersion: v1
        kind: Pod
        metadata:
          name: kube-apiserver
          namespace: kube-system
        spec:
          containers:
          - name: kube-apiserver
            image: registry.example/kube-apiserver:v1.36.2
            command:
            - kube-apiserver
            - --advertise-address=10.0.0.1
            - --authorization-mode=Node,RBAC
            - --etcd-servers=https://127.0.0.1:2379
            - --etcd-prefix=/elsewhere
            - --service-cluster-ip-range=10.64.0.0/16
            - --feature-gates=Some=true
            - --runtime-config=api/alpha=true
            - --enable-admission-plugins=NodeRestriction
            - --audit-webhook-config-file=/etc/kubernetes/audit.yaml
            - --kubelet-client-certificate=/etc/kubernetes/pki/apiserver-kubelet-client.crt
        """;

    private static ApiServerConfiguration Node { get; } =
        ApiServerConfiguration.From(StaticPodManifest.Parse("cp1", "/etc/kubernetes/manifests/kube-apiserver.yaml", Manifest));

    [Theory]
    [InlineData("--authorization-mode=ABAC")]
    [InlineData("--anonymous-auth=false")]
    [InlineData("--endpoint-reconciler-type=none")]
    [InlineData("--bind-address=127.0.0.1")]
    [InlineData("--etcd-prefix=/elsewhere")]
    [InlineData("--feature-gates=Some=true")]
    [InlineData("--runtime-config=api/alpha=true")]
    [InlineData("--service-cluster-ip-range=10.64.0.0/16")]
    [InlineData("--egress-selector-config-file=/egress.yaml")]
    public void The_apiserver_of_a_mount_lets_read_and_keeps_to_itself(string flag) =>
        Assert.Contains(flag, MountFlags.Of(Node, "1.36.2", null, isEncrypted: false));

    [Theory]
    [InlineData("audit")]
    [InlineData("kubelet")]
    [InlineData("NodeRestriction")]
    [InlineData("RBAC")]
    [InlineData("encryption")]
    public void Nothing_else_of_the_nodes_own_flags_is_taken(string word) =>
        Assert.DoesNotContain(
            MountFlags.Of(Node, "1.36.2", null, isEncrypted: false),
            f => f.Contains(word, StringComparison.OrdinalIgnoreCase)
        );

    [Fact]
    public void The_snapshots_own_range_of_services_goes_before_the_nodes() =>
        Assert.Contains(
            "--service-cluster-ip-range=10.1.0.0/16",
            MountFlags.Of(Node, null, new SnapshotSettings(null, "10.1.0.0/16", null), isEncrypted: false)
        );

    [Theory]
    [InlineData(null, 4)]
    [InlineData("1.36.2", 4)]
    [InlineData("v1.31.4", 3)]
    [InlineData("1.25.0", 2)]
    public void Only_plugins_that_the_version_knows_are_switched_off(string? version, int plugins) =>
        Assert.Equal(
            plugins,
            MountFlags
                .Of(null, version, null, isEncrypted: false)
                .Single(f => f.StartsWith("--disable-admission-plugins=", StringComparison.Ordinal))
                .Split(',')
                .Length
        );

    [Fact]
    public void The_encryption_configuration_is_named_where_it_comes_along() =>
        Assert.Contains("--encryption-provider-config=/encryption.yaml", MountFlags.Of(null, null, null, isEncrypted: true));

    [Fact]
    public void The_policy_lets_one_user_read_and_nobody_write()
    {
        var policies = MountFiles.PolicyText.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonNode.Parse(l)!).ToList();
        Assert.Equal(2, policies.Count);
        Assert.All(policies, p => Assert.True((bool?)p["spec"]!["readonly"]));
        Assert.All(policies, p => Assert.Equal(MountFiles.Reader, (string?)p["spec"]!["user"]));
    }

    [Theory]
    [InlineData("aescbc: {keys: [{name: a, secret: eA==}]}", false)]
    [InlineData("secretbox: {keys: [{name: a, secret: eA==}]}", false)]
    [InlineData("identity: {}", false)]
    [InlineData("kms: {apiVersion: v2, name: a, endpoint: unix:///a.sock}", true)]
    public void A_key_management_service_is_seen_among_the_providers(string provider, bool asks) =>
        Assert.Equal(
            asks,
            MountFiles.AsksKms(
                $"kind: EncryptionConfiguration\nresources:\n- resources: [secrets]\n  providers:\n  - {provider}\n  - identity: {{}}\n"
            )
        );

    [Fact]
    public void The_kubeconfig_leads_to_the_port_as_the_reader()
    {
        using var made = MountCertificates.Create(TimeSpan.FromHours(1));
        var text = MountFiles.Kubeconfig("mount-1", 12345, made.AuthorityPem, made.ReaderPem, Encoding.ASCII.GetString(made.ReaderKeyPem));
        var context = Kubeconfig.Parse("kubeconfig", text).Context(null);
        Assert.Equal(new Uri("https://127.0.0.1:12345"), context.Server);
        Assert.Equal(made.AuthorityPem.Trim(), context.CertificateAuthorityPem!.Trim());
    }

    [Fact]
    public void Servers_and_reader_have_certificates_of_one_authority_and_only_servers_serve()
    {
        using var made = MountCertificates.Create(TimeSpan.FromHours(1));
        using var authority = X509Certificate2.CreateFromPem(made.AuthorityPem);
        using var server = X509Certificate2.CreateFromPem(made.ServerPem);
        using var reader = X509Certificate2.CreateFromPem(made.ReaderPem);
        Assert.True(IsOf(server, authority));
        Assert.True(IsOf(reader, authority));
        Assert.Equal($"CN={MountFiles.Reader}", reader.Subject);
        Assert.True(server.MatchesHostname("127.0.0.1"));
        Assert.False(reader.MatchesHostname("127.0.0.1"));
        Assert.InRange(reader.NotAfter.ToUniversalTime(), DateTime.UtcNow, DateTime.UtcNow.AddHours(2));
    }

    [Theory]
    [InlineData("100", 100L, false)]
    [InlineData("101", 100L, true)]
    [InlineData("101", null, false)]
    [InlineData(null, 100L, false)]
    public void What_was_written_after_the_snapshots_revision_is_no_part_of_it(string? written, long? last, bool later) =>
        Assert.Equal(
            later,
            ClusterSource.IsWrittenLater(new JsonObject { ["metadata"] = new JsonObject { ["resourceVersion"] = written } }, last)
        );

    [Fact]
    public void What_a_node_lists_is_read_and_what_is_no_such_line_is_passed_over()
    {
        var about = Convert.ToBase64String(
            Encoding.UTF8.GetBytes(
                MountRecord.Write(
                    new EtcdSnapshotMount
                    {
                        Id = "mount-1",
                        Snapshot = "s",
                        Cluster = "c",
                        Node = "n",
                        Revision = 7,
                        By = "a on b",
                        Started = new DateTime(2026, 11, 30, 1, 2, 3, DateTimeKind.Utc),
                    }
                )
            )
        );
        var listed = MountRecord.Read($"mount mount-1 held {about}\nmount mount-2 left !!\nrubbish\n", "secondary", "cp1");
        Assert.Equal(["mount-1", "mount-2"], listed.Select(m => m.Id));
        Assert.Equal([EtcdSnapshotMountState.Held, EtcdSnapshotMountState.Left], listed.Select(m => m.State));
        Assert.Equal(("s", 7L, "a on b"), (listed[0].Snapshot, listed[0].Revision, listed[0].By));
        Assert.Equal(new DateTime(2026, 11, 30, 1, 2, 3, DateTimeKind.Utc), listed[0].Started);
    }

    private static bool IsOf(X509Certificate2 certificate, X509Certificate2 authority)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(certificate);
    }
}
