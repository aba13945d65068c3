using EtcdDr.Bench.Fuzzing;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Snapshots.Keys;
using EtcdDr.Engine.Ssh;
using EtcdDr.Tests.Fakes;

namespace EtcdDr.Tests.Snapshots;

public sealed class SnapshotKeyReaderTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("etcddr-test-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Objects_are_told_by_their_values_whatever_the_prefix()
    {
        var keys = await ReadAsync(
            new DatabaseBuilder()
                .Put("/my/prefix/pods/ns1/web", Protobuf("v1", "Pod", "web", "ns1"), lease: 0x1234)
                .Put("/my/prefix/clusterroles/admin", Protobuf("rbac.authorization.k8s.io/v1", "ClusterRole", "admin", ""))
                .Put(
                    "/registry/cert-manager.io/certificates/ns2/tls",
                    """
                        {"apiVersion":"cert-manager.io/v1","spec":{"metadata":1},"kind":"Certificate",
                          "metadata":{"name":"tls","namespace":"ns2","labels":{"a":"b"}}}
                        """u8.ToArray()
                )
                .Put("/registry/services/endpoints/ns3/svc", "k8s:enc:aescbc:v1:key1:xx"u8.ToArray())
                .Put("compact_rev_key", "5"u8.ToArray()),
            new SnapshotKeyQuery()
        );
        Assert.Equal(
            [
                ("Pod", "ns1", "web"),
                ("ClusterRole", null, "admin"),
                ("Certificate", "ns2", "tls"),
                ("endpoints", "ns3", "svc"),
                (null, null, (string?)null),
            ],
            keys.Select(k => (k.Kind, k.Namespace, k.Name))
        );
        Assert.Equal("0000000000001234", keys[0].Lease);
        Assert.Equal("aescbc:v1:key1", keys[3].EncryptedBy);
        Assert.Equal(
            [
                EtcdValueEncoding.KubernetesProtobuf,
                EtcdValueEncoding.KubernetesProtobuf,
                EtcdValueEncoding.KubernetesJson,
                EtcdValueEncoding.Encrypted,
                EtcdValueEncoding.Other,
            ],
            keys.Select(k => k.Encoding)
        );
        Assert.All(keys, k => Assert.Null(k.Value));
    }

    [Fact]
    public async Task Filters_hold_together()
    {
        var database = new DatabaseBuilder();
        for (var i = 0; i < 9; i++)
        {
            database.Put($"/registry/pods/ns{i % 3}/p{i}", Protobuf("v1", "Pod", $"p{i}", $"ns{i % 3}"));
            database.Put($"/registry/configmaps/ns{i % 3}/c{i}", Protobuf("v1", "ConfigMap", $"c{i}", $"ns{i % 3}"));
        }

        Assert.Equal(
            ["p1", "p4", "p7"],
            Names(await ReadAsync(database, new SnapshotKeyQuery { Kind = k => k == "Pod", Namespace = n => n == "ns1" }))
        );
        Assert.Equal(["p4"], Names(await ReadAsync(database, new SnapshotKeyQuery { Kind = k => k == "pods", Name = n => n == "p4" })));
        Assert.Equal(["c2", "c5", "c8"], Names(await ReadAsync(database, new SnapshotKeyQuery { Prefix = "/registry/configmaps/ns2/" })));
    }

    [Fact]
    public async Task Values_of_Secrets_and_their_annotations_come_only_when_asked_for()
    {
        var database = new DatabaseBuilder()
            .Put("/registry/secrets/a/s", Protobuf("v1", "Secret", "s", "a"))
            .Put("/registry/configmaps/a/c", Protobuf("v1", "ConfigMap", "c", "a"));
        var keys = await ReadAsync(database, new SnapshotKeyQuery { Value = true });
        Assert.True(keys[0].Withheld);
        Assert.Null(keys[0].Value);
        Assert.Empty(keys[0].Metadata!.Annotations);
        Assert.Equal("v", keys[0].Metadata!.Labels["l"]);
        Assert.NotNull(keys[1].Value);
        Assert.Equal("w", keys[1].Metadata!.Annotations["n"]);
        Assert.Equal("uid-1", keys[1].Metadata!.Uid);
        Assert.Equal(new DateTime(2023, 11, 14, 22, 13, 20, DateTimeKind.Utc), keys[1].Metadata!.Created);

        keys = await ReadAsync(database, new SnapshotKeyQuery { Value = true, SecretValue = true });
        Assert.NotNull(keys[0].Value);
        Assert.False(keys[0].Withheld);
    }

    [Fact]
    public async Task What_fills_the_database_is_measured()
    {
        var database = new DatabaseBuilder();
        for (var i = 0; i < 30; i++)
        {
            database.Put($"/registry/pods/a/p{i}", Protobuf("v1", "Pod", $"p{i}", "a"));
        }

        database.Put("/registry/configmaps/b/large", new byte[50_000]).Put("/registry/pods/a/p3", Protobuf("v1", "Pod", "p3", "a"));
        var measure = await Reader().MeasureAsync(Snapshot(database), 2, default);
        Assert.Equal((31L, 32L), (measure.Keys, measure.Versions));
        Assert.Equal(["configmaps", "Pod"], measure.Kinds.Select(k => k.Name));
        Assert.Equal([("b", 1L), ("a", 30L)], measure.Namespaces.Select(n => (n.Name, n.Count)));
        Assert.Equal("/registry/configmaps/b/large", measure.Largest[0].Key);
        Assert.Equal(2, measure.Largest.Count);
        Assert.Equal(measure.Bytes, measure.Kinds.Sum(k => k.Bytes));
    }

    private static SnapshotKeyReader Reader() => new(new SshHostFactory(), new OperationContext(new RecordingSink()));

    private static IEnumerable<string?> Names(IEnumerable<EtcdSnapshotKey> keys) => keys.Select(k => k.Name);

    // An object that has nothing but ObjectMeta.
    private static byte[] Protobuf(string apiVersion, string kind, string name, string space) =>
        ProtoBytes.Stored(
            apiVersion,
            kind,
            ProtoBytes.Field(
                1,
                ProtoBytes.Field(1, name),
                ProtoBytes.Field(3, space),
                ProtoBytes.Field(5, "uid-1"),
                ProtoBytes.Field(8, ProtoBytes.Number(1, 1700000000)),
                ProtoBytes.Entry(11, "l", "v"),
                ProtoBytes.Entry(12, "n", "w")
            )
        );

    private async Task<List<EtcdSnapshotKey>> ReadAsync(DatabaseBuilder database, SnapshotKeyQuery query)
    {
        var keys = new List<EtcdSnapshotKey>();
        await Reader().ReadAsync(Snapshot(database), query, keys.Add, default);
        return keys;
    }

    private EtcdSnapshot Snapshot(DatabaseBuilder database)
    {
        var path = Path.Combine(_directory, "a.db");
        File.WriteAllBytes(path, database.Build());
        return new EtcdSnapshot
        {
            Name = "a.db",
            Path = path,
            Format = SnapshotFormat.Database,
        };
    }
}
