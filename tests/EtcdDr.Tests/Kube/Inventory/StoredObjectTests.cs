using System.Text;
using System.Text.Json.Nodes;
using EtcdDr.Engine.Kube;
using EtcdDr.Engine.Kube.Inventory;
using static EtcdDr.Tests.Fakes.ProtoBytes;

namespace EtcdDr.Tests.Kube.Inventory;

/// <summary>What etcd holds of an object has the digest of what the API serves of it.</summary>
public sealed class StoredObjectTests
{
    private static readonly KubeResource Secrets = new("", "v1", "secrets", "Secret");
    private static readonly KubeResource ConfigMaps = new("", "v1", "configmaps", "ConfigMap");

    // As apiservers fill it: texts that are not set are there, and empty.
    private static readonly byte[] Metadata = Field(
        1,
        Field(1, "db"),
        Field(2, string.Empty),
        Field(3, "shop"),
        Field(4, string.Empty),
        Field(5, "9f0c0a5e"),
        Field(6, string.Empty),
        Number(7, 3),
        Field(8, Number(1, 1700000000), Number(2, 0)),
        Field(9, Number(1, 1700000100)),
        Number(10, 30),
        Entry(11, "app", "db"),
        Entry(12, "note", "a+b"),
        Entry(12, "kubectl.kubernetes.io/last-applied-configuration", "{}"),
        Field(13, Field(1, "Widget"), Field(3, "w1"), Field(4, "uid-of-owner"), Field(5, "example.com/v1"), Number(6, 1), Number(7, 0)),
        Field(14, "example.com/keep"),
        Field(15, string.Empty),
        Field(17, Field(1, "kubectl"))
    );

    private const string MetadataJson = """
        "metadata": {"name": "db", "namespace": "shop", "uid": "9f0c0a5e", "resourceVersion": "77", "generation": 3,
          "creationTimestamp": "2023-11-14T22:13:20Z",
            "deletionTimestamp": "2023-11-14T22:15:00Z", "deletionGracePeriodSeconds": 30, "labels": {"app": "db"},
            "annotations": {"note": "a+b", "kubectl.kubernetes.io/last-applied-configuration": "{}"},
            "ownerReferences": [{"apiVersion": "example.com/v1", "kind": "Widget", "name": "w1",
              "uid": "uid-of-owner", "controller": true, "blockOwnerDeletion": false}],
            "finalizers": ["example.com/keep"], "managedFields": [{"manager": "kubectl"}]}
        """;

    [Fact]
    public void A_Secret_has_the_digest_that_the_api_gives()
    {
        var stored = Stored(
            "v1",
            "Secret",
            Metadata,
            Entry(2, "password", "hunter2"),
            Entry(2, "empty", []),
            Field(3, "Opaque"),
            Number(5, 1)
        );

        AssertSame(
            Secrets,
            stored,
            $$"""{ {{MetadataJson}}, "data": {"empty": "", "password": "aHVudGVyMg=="}, "type": "Opaque", "immutable": true}"""
        );
    }

    [Fact]
    public void A_ConfigMap_has_the_digest_that_the_api_gives()
    {
        var stored = Stored("v1", "ConfigMap", Metadata, Entry(2, "größe", "1 < 2\n"), Entry(3, "blob", [0xFF, 0xFE]));

        AssertSame(ConfigMaps, stored, $$"""{ {{MetadataJson}}, "data": {"größe": "1 < 2\n"}, "binaryData": {"blob": "//4="} }""");
    }

    [Fact]
    public void An_object_that_is_stored_as_JSON_has_the_digest_that_the_api_gives() =>
        AssertSame(
            ConfigMaps,
            """{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a","namespace":"b","uid":"c"},"data":{"k":"v"}}"""u8.ToArray(),
            """{"metadata": {"name": "a", "namespace": "b", "uid": "c", "resourceVersion": "5"}, "data": {"k": "v"}}"""
        );

    [Theory]
    [InlineData("k8s:enc:aescbc:v1:key1:x")]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("k8s\0\u0001")]
    [InlineData("""{"kind":"Secret","apiVersion":"example.com/v1","metadata":{"name":"a"}}""")]
    [InlineData("""{"kind":"Pod","apiVersion":"v1","metadata":{"name":"a"}}""")]
    public void What_is_neither_is_not_read(string value) => Assert.Null(new StoredObject().Read(Encoding.UTF8.GetBytes(value)));

    [Fact]
    public void A_field_that_is_not_known_keeps_the_object_from_being_read()
    {
        Assert.Null(new StoredObject().Read(Stored("v1", "Secret", Metadata, Entry(2, "a", "b"), Number(9, 1))));
        Assert.Null(new StoredObject().Read(Stored("v1", "ConfigMap", Field(1, Field(1, "a"), Field(30, "new")))));
        Assert.Null(
            new StoredObject().Read(Stored("v1", "ConfigMap", Field(1, Field(1, "a"), Field(13, Field(1, "Widget"), Field(9, "new")))))
        );
    }

    [Fact]
    public void Any_piece_of_an_object_is_read_or_not_but_never_throws()
    {
        var whole = Stored("v1", "Secret", Metadata, Entry(2, "password", "hunter2"), Field(3, "Opaque"));
        for (var length = 0; length < whole.Length; length++)
        {
            new StoredObject().Read(whole.AsSpan(0, length));
        }

        Assert.NotNull(new StoredObject().Read(whole));
    }

    private static void AssertSame(KubeResource resource, byte[] stored, string served)
    {
        var expected = InventoryReader.Record(resource, (JsonObject)JsonNode.Parse(served)!);
        Assert.NotNull(expected?.Sha256);
        Assert.Equal(expected, InventoryReader.Record(resource, new StoredObject().Read(stored)!));
    }
}
