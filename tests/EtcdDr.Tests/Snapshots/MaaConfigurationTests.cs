using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using EtcdDr.Engine.Mirror.Comparison;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Snapshots;
using EtcdDr.Engine.Ssh;
using EtcdDr.Tests.Fakes;

namespace EtcdDr.Tests.Snapshots;

public sealed class MaaConfigurationTests : IDisposable
{
    private const string Encryption = "kind: EncryptionConfiguration\n";

    private readonly TempDirectory _temp = new();
    private readonly RecordingSink _sink = new();

    public void Dispose() => _temp.Dispose();

    [Theory]
    [InlineData("etc/kubernetes/")]
    [InlineData("./etc/kubernetes/")]
    [InlineData("kubernetes/")]
    public async Task The_configuration_of_encryption_at_rest_is_read_out_of_the_nodes_archive(string root)
    {
        await using var reader = await OpenAsync(
            (root + "enc/enc.yaml", Encryption),
            (root + "manifests/kube-apiserver.yaml", ApiServer("/etc/kubernetes/enc/enc.yaml"))
        );

        var file = Assert.Single(reader.EncryptionConfigs);
        Assert.Equal("/etc/kubernetes/enc/enc.yaml", file.NodePath);
        Assert.Equal(Encryption, Encoding.UTF8.GetString(await reader.ReadFileAsync(file.Path, default)));
        Assert.True(reader.Snapshot.EncryptionAtRest);
        Assert.Equal(new SnapshotSettings(null, "10.96.0.0/12", "https://issuer"), reader.Settings);
        Assert.Empty(_sink.Warnings);
    }

    [Fact]
    public async Task An_archive_that_lacks_it_is_told_of_and_the_backup_stays_usable()
    {
        await using var reader = await OpenAsync(("etc/kubernetes/manifests/kube-apiserver.yaml", ApiServer("/var/lib/enc.yaml")));

        Assert.Empty(reader.EncryptionConfigs);
        Assert.Contains("does not hold /var/lib/enc.yaml", Assert.Single(_sink.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_encryption_at_rest_there_is_nothing_to_bring()
    {
        await using var reader = await OpenAsync(("etc/kubernetes/manifests/kube-apiserver.yaml", ApiServer(null)));

        Assert.Empty(reader.EncryptionConfigs);
        Assert.False(reader.Snapshot.EncryptionAtRest);
    }

    [Theory]
    [InlineData(
        "/registry/deployments/ns/web",
        """{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","namespace":"ns"}}""",
        "apps Deployment ns/web"
    )]
    [InlineData(
        "/registry/example.com/things/t",
        """{"apiVersion":"example.com/v2","kind":"Thing","metadata":{"name":"t"}}""",
        "example.com Thing /t"
    )]
    [InlineData("/registry/secrets/ns/s", "k8s:enc:aescbc:v1:key1:xxxx", " Secret ns/s")]
    [InlineData("/registry/masterleases/10.0.0.1", """{"apiVersion":"v1","kind":"Endpoints","metadata":{"name":""}}""", null)]
    [InlineData(
        "/registry/leases/kube-node-lease/w1",
        """{"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"w1","namespace":"kube-node-lease"}}""",
        null
    )]
    [InlineData(
        "/registry/replicasets/ns/web-1",
        """
            {"apiVersion":"apps/v1","kind":"ReplicaSet","metadata":{"name":"web-1","namespace":"ns",
              "ownerReferences":[{"kind":"Deployment","name":"web"}]}}
            """,
        null
    )]
    [InlineData("compact_rev_key", "123", null)]
    public void Keys_of_a_database_become_records_by_the_rules_of_the_API(string key, string value, string? expected)
    {
        var (record, _) = DatabaseInventory.Of(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(value));

        Assert.Equal(expected, record is null ? null : $"{record.Group} {record.Kind} {record.Namespace}/{record.Name}");
        Assert.Null(record?.Sha256);
    }

    private static string ApiServer(string? encryption) =>
        $"""
            apiVersion: v1
            kind: Pod
            metadata: {"{name: kube-apiserver}"}
            spec:
              containers:
              - name: kube-apiserver
                command: [kube-apiserver, --etcd-servers=https://127.0.0.1:2379, --service-cluster-ip-range=10.96.0.0/12,
                  "--service-account-issuer=https://issuer"{(
                encryption is null ? "" : $", --encryption-provider-config={encryption}"
            )}]
                volumeMounts:
                - {"{name: k, mountPath: /etc/kubernetes}"}
                - {"{name: v, mountPath: /var/lib}"}
              volumes:
              - name: k
                hostPath: {"{path: /etc/kubernetes}"}
              - name: v
                hostPath: {"{path: /var/lib}"}
            """;

    private async Task<SnapshotReader> OpenAsync(params (string Name, string Text)[] files)
    {
        var path = SnapshotSamples.WriteMaa(_temp.Path);
        await using (
            var archive = new GZipStream(File.Create(Path.Combine(path, "olk8-m2", "olk8-m2-etc-kubernetes.gz")), CompressionLevel.Fastest)
        )
        await using (var tar = new TarWriter(archive))
        {
            foreach (var (name, text) in files)
            {
                await tar.WriteEntryAsync(
                    new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)) }
                );
            }
        }

        var snapshot = new EtcdSnapshot
        {
            Name = Path.GetFileName(path),
            Path = path,
            Format = SnapshotFormat.Maa,
        };
        return await SnapshotReader.OpenAsync(snapshot, new SshHostFactory(), new OperationContext(_sink), default);
    }
}
