using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using EtcdDr.Bench.Fuzzing;
using EtcdDr.Engine.Etcd.Database;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Snapshots;
using EtcdDr.Engine.Snapshots.Verification;
using EtcdDr.Engine.Ssh;
using EtcdDr.Tests.Fakes;

namespace EtcdDr.Tests.Snapshots;

public sealed class SnapshotVerifierTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("etcddr-test-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task A_good_snapshot_passes_every_check()
    {
        var tests = await VerifyAsync(Write());
        Assert.DoesNotContain(tests, t => !t.Success);
        Assert.Superset(
            new HashSet<string>
            {
                "Layout",
                "Files",
                "Trailer",
                "Pages",
                "Revision",
                "KeyCount",
                "HashKV",
                "Archives",
                "Keys",
                "Permissions",
            },
            tests.Select(t => t.Check).ToHashSet()
        );
    }

    [Fact]
    public async Task A_flipped_bit_in_the_database_is_found_by_both_sums()
    {
        var root = Write();
        Flip(Path.Combine(root, "etcd-snapshot.db"), 30_000);
        var found = Findings(await VerifyAsync(root));
        Assert.Contains(("Files", "etcd-snapshot.db"), found);
        Assert.Contains(("Trailer", "etcd-snapshot.db"), found);
    }

    [Fact]
    public async Task A_changed_file_and_a_foreign_one_are_named()
    {
        var root = Write();
        Flip(Path.Combine(root, "inventory/nodes.json"), 0);
        SnapshotSamples.Write(root, "keys/stranger", [1]);
        File.SetUnixFileMode(Path.Combine(root, "keys/stranger"), UnixFileMode.UserRead);
        Assert.Equal([("Files", "inventory/nodes.json"), ("Layout", "keys/stranger")], Findings(await VerifyAsync(root)).Order());
    }

    [Fact]
    public async Task What_was_recorded_at_backup_is_compared()
    {
        var root = Write(manifest: m => m with { HashKv = 1, KeyCount = 2 });
        Assert.Equal(["HashKV", "KeyCount"], Findings(await VerifyAsync(root)).Select(f => f.Check).Order());
        root = Write(manifest: m => m with { Revision = 999_999 }, name: "etcd_snapshot_2026-11-22_23-53-32");
        Assert.Equal(["Revision"], Findings(await VerifyAsync(root)).Select(f => f.Check));
    }

    [Fact]
    public async Task HashKV_of_another_compaction_is_not_compared()
    {
        var root = Write(manifest: m => m with { HashKv = 1, CompactRevision = 3 });
        Assert.Empty(Findings(await VerifyAsync(root)));
    }

    [Theory]
    [InlineData("rsa")]
    [InlineData("ec")]
    public async Task Keys_that_do_not_belong_together_are_found(string kind)
    {
        Assert.Empty(Findings(await VerifyAsync(Write(keys: Pair(kind)))));
        var other = (Pair(kind).Key, Pair(kind).Public);
        var finding = Assert.Single(await VerifyAsync(Write(keys: other, name: "etcd_snapshot_2026-11-22_23-53-32")), t => !t.Success);
        Assert.Equal("Keys", finding.Check);
        Assert.Contains("sa.pub is not the public key of sa.key", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_archive_that_was_cut_off_is_found()
    {
        var whole = Archive("etc/kubernetes/admin.conf");
        var finding = Assert.Single(await VerifyAsync(Write(archive: whole[..^20])), t => !t.Success);
        Assert.Equal(("Archives", "nodes/m1/etc-kubernetes.tar.gz"), (finding.Check, finding.Target));
    }

    [Fact]
    public async Task An_archive_that_leads_out_of_its_place_is_found()
    {
        var finding = Assert.Single(await VerifyAsync(Write(archive: Archive("../../etc/shadow"))), t => !t.Success);
        Assert.Equal("Archives", finding.Check);
    }

    [Fact]
    public async Task A_snapshot_that_others_can_read_is_a_finding_and_no_error()
    {
        var root = Write();
        File.SetUnixFileMode(Path.Combine(root, "keys/sa.key"), (UnixFileMode)0b110_100_100);
        var finding = Assert.Single(await VerifyAsync(root), t => !t.Success);
        Assert.Equal(("Permissions", SnapshotTestSeverity.Warning, "keys/sa.key"), (finding.Check, finding.Severity, finding.Target));
    }

    [Fact]
    public async Task Encrypted_values_without_an_encryption_configuration_are_found()
    {
        var database = new DatabaseBuilder().Put("/registry/secrets/a/s", "k8s:enc:aescbc:v1:key1:xyz"u8.ToArray());
        var finding = Assert.Single(await VerifyAsync(Write(database: database)), t => !t.Success);
        Assert.Equal("Keys", finding.Check);
    }

    [Fact]
    public async Task A_missing_file_is_a_finding_about_the_layout()
    {
        var root = Write();
        var snapshot = await SnapshotAsync(root);
        File.Delete(Path.Combine(root, "keys/sa.pub"));
        var finding = Assert.Single(await VerifyAsync(snapshot));
        Assert.Equal(("Layout", false), (finding.Check, finding.Success));
    }

    [Fact]
    public async Task A_bare_database_is_checked_by_its_own_sum()
    {
        var path = Path.Combine(_directory, "bare.db");
        File.WriteAllBytes(path, Builder().Build());
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Assert.Empty(Findings(await VerifyAsync(path)));
        Flip(path, 20_000);
        Assert.Contains("Trailer", Findings(await VerifyAsync(path)).Select(f => f.Check));
    }

    [Fact]
    public async Task A_backup_of_the_MAA_scripts_is_checked_as_far_as_it_goes()
    {
        var root = WriteMaa();
        var tests = await VerifyAsync(root);
        Assert.Empty(Findings(tests));
        Assert.Superset(
            new HashSet<string> { "Layout", "Trailer", "Pages", "Archives", "Keys", "Permissions" },
            tests.Select(t => t.Check).ToHashSet()
        );
        Assert.Contains(tests, t => t.Check == "Keys" && t.Message.Contains("all 3 control-plane nodes", StringComparison.Ordinal));

        Flip(Path.Combine(root, "olk8-m2/etcd-snapshot-olk8-m2.db"), 20_000);
        File.WriteAllText(Path.Combine(root, "sa.pub"), Pair("ec").Public);
        File.WriteAllBytes(Path.Combine(root, "olk8-m1/olk8-m1-etc-kubernetes.gz"), Archive("etc/kubernetes/pki/sa.key")[..^20]);
        File.SetUnixFileMode(Path.Combine(root, "sa.key"), (UnixFileMode)0b110_100_100);
        Assert.Superset(
            new HashSet<string> { "Trailer", "Keys", "Archives", "Permissions" },
            Findings(await VerifyAsync(root)).Select(f => f.Check).ToHashSet()
        );
    }

    [Fact]
    public async Task Service_account_keys_that_differ_between_nodes_are_found()
    {
        var root = WriteMaa();
        File.WriteAllBytes(Path.Combine(root, "olk8-m3/olk8-m3-etc-kubernetes.gz"), Archive("etc/kubernetes/pki/sa.key", 2999));
        var finding = Assert.Single(await VerifyAsync(root), t => !t.Success);
        Assert.Equal(("Keys", SnapshotTestSeverity.Warning), (finding.Check, finding.Severity));
        Assert.Contains("; olk8-m3/", finding.Message, StringComparison.Ordinal);
    }

    private string WriteMaa()
    {
        var root = SnapshotSamples.WriteMaa(_directory);
        var (key, published) = Pair("rsa");
        File.WriteAllText(Path.Combine(root, "sa.key"), key);
        File.WriteAllText(Path.Combine(root, "sa.pub"), published);
        foreach (var host in (string[])["olk8-m1", "olk8-m2", "olk8-m3"])
        {
            File.WriteAllBytes(Path.Combine(root, $"{host}/etcd-snapshot-{host}.db"), Builder().Build());
            File.WriteAllBytes(Path.Combine(root, $"{host}/{host}-etc-kubernetes.gz"), Archive("etc/kubernetes/pki/sa.key"));
        }

        foreach (
            var entry in new DirectoryInfo(root).EnumerateFileSystemInfos("*", SearchOption.AllDirectories).Append(new DirectoryInfo(root))
        )
        {
            entry.UnixFileMode =
                UnixFileMode.UserRead | UnixFileMode.UserWrite | (entry is DirectoryInfo ? UnixFileMode.UserExecute : UnixFileMode.None);
        }

        return root;
    }

    private static IEnumerable<(string Check, string? Target)> Findings(IEnumerable<EtcdSnapshotTest> tests) =>
        tests.Where(t => !t.Success).Select(t => (t.Check, t.Target));

    private static async Task<EtcdSnapshot> SnapshotAsync(string path) =>
        await new SnapshotCatalog(new SshHostFactory(), new OperationContext(new RecordingSink())).GetAsync(
            SnapshotLocation.Parse(path),
            null,
            default
        );

    private static async Task<List<EtcdSnapshotTest>> VerifyAsync(string path) => await VerifyAsync(await SnapshotAsync(path));

    private static async Task<List<EtcdSnapshotTest>> VerifyAsync(EtcdSnapshot snapshot)
    {
        var tests = new List<EtcdSnapshotTest>();
        var good = await new SnapshotVerifier(new SshHostFactory(), new OperationContext(new RecordingSink())).VerifyAsync(
            snapshot,
            tests.Add,
            default
        );
        Assert.Equal(tests.All(t => t.Severity != SnapshotTestSeverity.Error), good);
        return tests;
    }

    private static void Flip(string path, int at)
    {
        var bytes = File.ReadAllBytes(path);
        bytes[at] ^= 1;
        File.WriteAllBytes(path, bytes);
    }

    private static DatabaseBuilder Builder()
    {
        var builder = new DatabaseBuilder();
        for (var i = 0; i < 300; i++)
        {
            builder.Put($"/registry/pods/a/p{i}", Encoding.UTF8.GetBytes(new string('x', 100)));
        }

        return builder;
    }

    private static (string Key, string Public) Pair(string kind)
    {
        using AsymmetricAlgorithm algorithm = kind == "rsa" ? RSA.Create(2048) : ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return (algorithm.ExportPkcs8PrivateKeyPem(), algorithm.ExportSubjectPublicKeyInfoPem());
    }

    private static byte[] Archive(string entry, int length = 3000)
    {
        using var file = new MemoryStream();
        using (var gzip = new GZipStream(file, CompressionLevel.Fastest))
        using (var tar = new TarWriter(gzip))
        {
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, entry) { DataStream = new MemoryStream(new byte[length]) });
        }

        return file.ToArray();
    }

    private string Write(
        Func<SnapshotManifest, SnapshotManifest>? manifest = null,
        (string Key, string Public)? keys = null,
        byte[]? archive = null,
        DatabaseBuilder? database = null,
        string name = "etcd_snapshot_2026-11-22_23-53-31"
    )
    {
        var root = Path.Combine(_directory, name);
        var pair = keys ?? Pair("ec");
        var content = (database ?? Builder()).Build();
        using var opened = EtcdDatabase.Open(new MemorySource(content));
        var summary = opened.Summarize(0, default);
        var files = new Dictionary<string, byte[]>
        {
            ["etcd-snapshot.db"] = content,
            ["keys/sa.key"] = Encoding.UTF8.GetBytes(pair.Key),
            ["keys/sa.pub"] = Encoding.UTF8.GetBytes(pair.Public),
            ["nodes/m1/etc-kubernetes.tar.gz"] = archive ?? Archive("etc/kubernetes/admin.conf"),
            ["inventory/nodes.json"] = "[]"u8.ToArray(),
        };
        var record = new SnapshotManifest
        {
            Created = DateTime.UtcNow,
            Revision = summary.Revision,
            HashKv = summary.HashKv,
            CompactRevision = summary.CompactRevision,
            KeyCount = summary.LiveKeys,
            Files = [.. files.Select(f => new SnapshotFile(f.Key, f.Value.Length, SnapshotSamples.Hex(f.Value)))],
        };
        files[SnapshotManifest.FileName] = (manifest is null ? record : manifest(record)).ToJson();
        foreach (var (path, bytes) in files)
        {
            SnapshotSamples.Write(root, path, bytes);
            File.SetUnixFileMode(Path.Combine(root, path), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        File.SetUnixFileMode(root, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return root;
    }
}
