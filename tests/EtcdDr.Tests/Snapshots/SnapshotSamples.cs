using System.Security.Cryptography;
using EtcdDr.Engine.Kube.Inventory;
using EtcdDr.Engine.Snapshots;

namespace EtcdDr.Tests.Snapshots;

/// <summary>Snapshots as they lie on disk, with contents of their own.</summary>
internal static class SnapshotSamples
{
    /// <summary>Writes a snapshot of this module's format and returns its path.</summary>
    /// <param name="parent">The directory that it goes into.</param>
    /// <param name="name">Its name.</param>
    /// <param name="dbSize">Size of its database.</param>
    /// <param name="label">Its label.</param>
    /// <param name="created">When it was taken.</param>
    /// <param name="records">The inventory's records, a line each; null for a snapshot without.</param>
    public static string WriteOwn(
        string parent,
        string name = "etcd_snapshot_2026-11-22_23-53-31",
        int dbSize = 40_000,
        string? label = "a label",
        DateTime? created = null,
        string? records = null
    )
    {
        var root = Path.Combine(parent, name);
        var files = new Dictionary<string, byte[]>(StringComparer.Ordinal)
        {
            ["etcd-snapshot.db"] = Database(dbSize),
            ["keys/sa.key"] = "private"u8.ToArray(),
            ["keys/sa.pub"] = "public"u8.ToArray(),
            ["keys/encryption/enc.yaml"] = "kind: EncryptionConfiguration"u8.ToArray(),
            ["nodes/m1/etc-kubernetes.tar.gz"] = RandomNumberGenerator.GetBytes(500),
            ["inventory/nodes.json"] = "[]"u8.ToArray(),
            ["inventory/empty"] = [],
        };
        if (records is not null)
        {
            files[InventoryReader.RecordsPath] = System.Text.Encoding.UTF8.GetBytes(records);
        }

        foreach (var (path, content) in files)
        {
            Write(root, path, content);
        }

        var manifest = new SnapshotManifest
        {
            Label = label,
            Created = created ?? new DateTime(2026, 11, 22, 23, 53, 31, DateTimeKind.Utc),
            Cluster = "primary",
            KubernetesVersion = "v1.36.1",
            EtcdVersion = "3.5.16",
            Revision = 77,
            HashKv = 12345,
            KeyCount = 9,
            Nodes = [new SnapshotNode("m1", NodeRole.ControlPlane, "10.0.0.1"), new SnapshotNode("w1", NodeRole.Worker, "10.0.0.4")],
            EncryptionConfigs = [new SnapshotKeyFile("/etc/kubernetes/enc.yaml", "keys/encryption/enc.yaml")],
            Files = [.. files.Select(f => new SnapshotFile(f.Key, f.Value.Length, Hex(f.Value)))],
        };
        Write(root, SnapshotManifest.FileName, manifest.ToJson());
        return root;
    }

    /// <summary>Writes a backup as the MAA scripts leave it and returns its path.</summary>
    public static string WriteMaa(string parent, string name = "etcd_snapshot_2022-08-29_15-56-59")
    {
        var root = Path.Combine(parent, name);
        WriteText(root, "mnode.log", "olk8-m1\nolk8-m2\nolk8-m3\n");
        WriteText(root, "wnode.log", "olk8-w1\n");
        WriteText(root, "etcd_master.log", "olk8-m2\n");
        WriteText(root, "backup_label.txt", "ETCD Snapshot after first configuration\n");
        WriteText(root, "sa.key", "private");
        WriteText(root, "sa.pub", "public");
        WriteText(
            root,
            "etcd_info.log",
            """
            +--------------+------------------+---------+---------+-----------+
            |   ENDPOINT   |        ID        | VERSION | DB SIZE | IS LEADER |
            +--------------+------------------+---------+---------+-----------+
            | olk8-m1:2379 | 63c63522f0be24a6 |   3.4.3 |   25 MB |     false |
            +--------------+------------------+---------+---------+-----------+
            """
        );
        WriteText(
            root,
            "kubectl-nodes.log",
            """
            NAME      STATUS   ROLES           AGE   VERSION    INTERNAL-IP    EXTERNAL-IP   OS-IMAGE
            olk8-m1   Ready    control-plane   29h   v1.25.12   10.5.176.144   <none>        Oracle Linux Server 7.9
            olk8-w1   Ready    <none>          29h   v1.25.12   10.5.176.152   <none>        Oracle Linux Server 7.9
            """
        );
        foreach (var host in (string[])["olk8-m1", "olk8-m2", "olk8-m3"])
        {
            Write(root, $"{host}/etcd-snapshot-{host}.db", Database(20_480 + host[^1]));
            Write(root, $"{host}/{host}-etc-kubernetes.gz", RandomNumberGenerator.GetBytes(100));
        }

        return root;
    }

    /// <summary>Bytes that begin like a bbolt file and end with etcd's hash, where the size allows it to be one.</summary>
    public static byte[] Database(int size)
    {
        var body = RandomNumberGenerator.GetBytes(size / 512 * 512);
        ((byte[])[0xED, 0xDA, 0x0C, 0xED]).CopyTo(body, 16);
        return [.. body, .. SHA256.HashData(body)];
    }

    public static string Hex(byte[] bytes) => Convert.ToHexString(SHA256.HashData(bytes)).ToLowerInvariant();

    public static void Write(string root, string path, byte[] content)
    {
        var full = Path.Combine(root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllBytes(full, content);
    }

    private static void WriteText(string root, string path, string content) =>
        Write(root, path, System.Text.Encoding.UTF8.GetBytes(content));
}
