using EtcdDr.Engine.Snapshots;
using EtcdDr.Engine.Snapshots.Sealing;

namespace EtcdDr.Bench.Fuzzing;

/// <summary>Manifests that inputs are made of: every name that the format has stands in one of them.</summary>
internal static class FuzzManifests
{
    private static readonly string Sum = new('a', 64);

    /// <summary>Of a snapshot that is not sealed.</summary>
    public static SnapshotManifest Plain { get; } =
        new()
        {
            Label = "a label",
            Created = new DateTime(2026, 11, 22, 23, 53, 31, DateTimeKind.Utc),
            TakenInSeconds = 1.5,
            Tool = "EtcdDr 0.1.0",
            Cluster = "primary",
            Server = "https://k8s.example:6443",
            KubernetesVersion = "v1.36.1",
            EtcdVersion = "3.6.8",
            ClusterId = "63c63522f0be24a6",
            Member = "m1",
            Leader = "m1",
            Revision = 77,
            CompactRevision = -1,
            HashKv = 12345,
            KeyCount = 9,
            Nodes = [new SnapshotNode("m1", NodeRole.ControlPlane, "10.0.0.1"), new SnapshotNode("w1", NodeRole.Worker, null)],
            PodCidr = "10.244.0.0/16",
            ServiceCidr = "10.96.0.0/12",
            ServiceAccountIssuers = ["https://kubernetes.default.svc"],
            EncryptionAtRest = true,
            EncryptionConfigs = [new SnapshotKeyFile("/etc/kubernetes/enc.yaml", "keys/encryption-enc.yaml")],
            Warnings = ["a warning"],
            Files =
            [
                new SnapshotFile("etcd-snapshot.db", 10, Sum),
                new SnapshotFile("keys/sa.key", 11, Sum),
                new SnapshotFile("keys/sa.pub", 12, Sum),
                new SnapshotFile("keys/encryption-enc.yaml", 13, Sum),
            ],
        };

    /// <summary>The readable part of a sealed one.</summary>
    public static SnapshotManifest Sealed { get; } =
        new()
        {
            FormatVersion = SnapshotManifest.SealedVersion,
            Label = "a label",
            Created = Plain.Created,
            Tool = "EtcdDr 0.1.0",
            Cluster = "primary",
            Database = string.Empty,
            Seal = new SnapshotSeal
            {
                Key = [1, 2, 3],
                Manifest = "sealed/00",
                Recipients = [new SealRecipient("CN=a", "CN=a", "01", "02")],
            },
            Files = [new SnapshotFile("sealed/00", 10, Sum), new SnapshotFile("sealed/01", 11, Sum)],
        };

    /// <summary>The sealed part.</summary>
    public static SnapshotManifest Inner { get; } =
        Plain with
        {
            FormatVersion = SnapshotManifest.SealedVersion,
            SealedAs = Plain.Files.ToDictionary(f => f.Path, f => $"sealed/{f.Size}"),
        };
}
