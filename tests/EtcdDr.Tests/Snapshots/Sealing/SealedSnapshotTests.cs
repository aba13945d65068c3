using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using EtcdDr.Bench.Fuzzing;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Snapshots;
using EtcdDr.Engine.Snapshots.Keys;
using EtcdDr.Engine.Snapshots.Places.Directories.Local;
using EtcdDr.Engine.Snapshots.Sealing;
using EtcdDr.Engine.Snapshots.Verification;
using EtcdDr.Engine.Ssh;
using EtcdDr.Engine.Transfer;
using EtcdDr.Tests.Fakes;

namespace EtcdDr.Tests.Snapshots.Sealing;

public sealed class SealedSnapshotTests : IDisposable
{
    private const string Marker = "a-very-secret-word";
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 23, 53, 31, TimeSpan.Zero);

    private readonly TempDirectory _temp = new();
    private readonly SshHostFactory _hosts = new();
    private readonly OperationContext _context = new(new RecordingSink());

    public void Dispose() => _temp.Dispose();

    [Fact]
    public async Task Nothing_plain_lies_on_the_disk()
    {
        var path = await WriteAsync(Certificate("one").CertificateFile);
        foreach (var file in Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories))
        {
            Assert.DoesNotContain(Marker, Encoding.Latin1.GetString(File.ReadAllBytes(file)), StringComparison.Ordinal);
            Assert.DoesNotContain("sa.key", file, StringComparison.Ordinal);
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }

        var readable = File.ReadAllText(Path.Combine(path, "snapshot.json"));
        Assert.DoesNotContain("sa.key", readable, StringComparison.Ordinal);
        Assert.DoesNotContain("10.0.0.1", readable, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_is_listed_copied_and_summed_without_a_key()
    {
        var snapshot = await GetAsync(await WriteAsync(Certificate("one").CertificateFile));
        Assert.True(snapshot.Sealed);
        Assert.Equal(("a label", "primary"), (snapshot.Label, snapshot.Cluster));

        var copies = new List<EtcdSnapshot>();
        await new CopySnapshotOperation(_hosts, _context).RunAsync(
            snapshot,
            [new CopyDestination(SnapshotLocation.Parse(_temp.At("copies")), null)],
            copies.Add,
            default
        );
        var tests = await VerifyAsync(Assert.Single(copies));
        Assert.DoesNotContain(tests, t => !t.Success);
        Assert.Contains(tests, t => t.Check == "Seal" && t.Message.Contains("no private key", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("pfx")]
    [InlineData("pem")]
    [InlineData("encrypted.pem")]
    [InlineData("key")]
    public async Task Each_recipient_opens_all_of_it(string kind)
    {
        var (one, two) = (Certificate("one"), Certificate("two"));
        var path = await WriteAsync(one.CertificateFile, two.CertificateFile);
        var expected = new FileInfo(Path.Combine(path, "snapshot.json")).Length;
        Assert.True(expected > 0);
        foreach (var identity in (SealingIdentity[])[one, two])
        {
            var snapshot = Unlockable(await GetAsync(path), identity, kind);
            var tests = await VerifyAsync(snapshot);
            Assert.DoesNotContain(tests, t => !t.Success && t.Check is not ("Keys" or "Archives"));
            Assert.Superset(
                new HashSet<string> { "Seal", "Files", "Trailer", "Pages", "Permissions" },
                tests.Select(t => t.Check).ToHashSet()
            );

            await using var reader = await SnapshotReader.OpenAsync(snapshot, _hosts, _context, default);
            Assert.Equal(Marker, Encoding.UTF8.GetString(await reader.ReadFileAsync("keys/sa.key", default)));
            Assert.Equal("m1", Assert.Single(reader.Nodes).Name);
            Assert.Equal("keys/sa.key", reader.ServiceAccountKeyPath);
            await using var database = await reader.OpenDatabaseAsync(default);
            Assert.Equal(reader.DatabaseSha256, Convert.ToHexString(await SHA256.HashDataAsync(database)).ToLowerInvariant());

            var keys = new List<EtcdSnapshotKey>();
            await new SnapshotKeyReader(_hosts, _context).ReadAsync(snapshot, new SnapshotKeyQuery(), keys.Add, default);
            Assert.Equal(30, keys.Count);
        }
    }

    [Fact]
    public async Task Without_a_key_its_content_is_refused_and_the_recipients_are_named()
    {
        var snapshot = await GetAsync(await WriteAsync(Certificate("one").CertificateFile));
        await using var reader = await SnapshotReader.OpenAsync(snapshot, _hosts, _context, default);
        var error = await Assert.ThrowsAsync<EtcdDrException>(() => reader.OpenDatabaseAsync(default));
        Assert.Equal("SnapshotKeyMissing", error.ErrorId);
        Assert.Contains("CN=one", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pfx")]
    [InlineData("key")]
    public async Task The_key_of_somebody_else_is_refused(string kind)
    {
        var snapshot = Unlockable(await GetAsync(await WriteAsync(Certificate("one").CertificateFile)), Certificate("stranger"), kind);
        await using var reader = await SnapshotReader.OpenAsync(snapshot, _hosts, _context, default);
        Assert.Equal("SnapshotKeyWrong", (await Assert.ThrowsAsync<EtcdDrException>(() => reader.UnlockAsync(default))).ErrorId);
    }

    [Fact]
    public async Task A_wrong_passphrase_is_told()
    {
        var one = Certificate("one");
        var snapshot = Unlockable(await GetAsync(await WriteAsync(one.CertificateFile)), one, "pfx");
        snapshot = snapshot with
        {
            Decryption = snapshot.Decryption! with { Passphrase = new NetworkCredential("", "wrong").SecurePassword },
        };
        await using var reader = await SnapshotReader.OpenAsync(snapshot, _hosts, _context, default);
        Assert.Equal("DecryptionKeyUnreadable", (await Assert.ThrowsAsync<EtcdDrException>(() => reader.UnlockAsync(default))).ErrorId);
    }

    [Fact]
    public async Task Swapped_sealed_files_are_found_even_if_the_sums_were_made_to_fit()
    {
        var one = Certificate("one");
        var path = await WriteAsync(one.CertificateFile);
        var manifest = SnapshotManifest.Parse(File.ReadAllBytes(Path.Combine(path, "snapshot.json")), path);
        await using var before = await SnapshotReader.OpenAsync(Unlockable(await GetAsync(path), one, "pem"), _hosts, _context, default);
        await before.UnlockAsync(default);
        var (a, b) = (before.Manifest!.SealedAs!["keys/sa.key"], before.Manifest.SealedAs["keys/sa.pub"]);
        var (first, second) = (Path.Combine(path, a), Path.Combine(path, b));
        File.Move(first, first + ".x");
        File.Move(second, first);
        File.Move(first + ".x", second);
        var files = manifest
            .Files.Select(f =>
                f.Path == a ? f with { Sha256 = Of(b) }
                : f.Path == b ? f with { Sha256 = Of(a) }
                : f
            )
            .ToList();
        File.WriteAllBytes(Path.Combine(path, "snapshot.json"), (manifest with { Files = files }).ToJson());

        var tests = await VerifyAsync(Unlockable(await GetAsync(path), one, "pem"));
        Assert.Equal(["keys/sa.key", "keys/sa.pub"], tests.Where(t => t.Check == "Seal" && !t.Success).Select(t => t.Target).Order());

        string Of(string name) => manifest.Files.First(f => f.Path == name).Sha256;
    }

    [Fact]
    public async Task A_file_taken_out_of_the_readable_manifest_is_missed()
    {
        var one = Certificate("one");
        var path = await WriteAsync(one.CertificateFile);
        var manifest = SnapshotManifest.Parse(File.ReadAllBytes(Path.Combine(path, "snapshot.json")), path);
        var gone = manifest.Files.First(f => f.Path != manifest.Seal!.Manifest);
        File.Delete(Path.Combine(path, gone.Path));
        File.WriteAllBytes(
            Path.Combine(path, "snapshot.json"),
            (manifest with { Files = manifest.Files.Where(f => f != gone).ToList() }).ToJson()
        );

        Assert.DoesNotContain(await VerifyAsync(await GetAsync(path)), t => !t.Success);
        Assert.Contains(await VerifyAsync(Unlockable(await GetAsync(path), one, "pem")), t => t is { Check: "Seal", Success: false });
    }

    [Fact]
    public void A_certificate_that_is_not_for_encryption_is_refused()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=ec", key, HashAlgorithmName.SHA256).CreateSelfSigned(
            Now.AddYears(-1),
            Now.AddYears(30)
        );
        var path = _temp.At("ec.pem");
        File.WriteAllText(path, certificate.ExportCertificatePem());
        Assert.Equal("CertificateUnusable", Assert.Throws<EtcdDrException>(() => SealCertificates.Find(path)).ErrorId);
        Assert.Equal("CertificateNotFound", Assert.Throws<EtcdDrException>(() => SealCertificates.Find("CN=nobody has this")).ErrorId);
    }

    [Fact]
    public async Task What_was_not_completed_leaves_nothing_and_a_discarded_directory_goes()
    {
        using var sealer = SnapshotSealer.For((string[])[Certificate("one").CertificateFile]);
        await using var writer = await SnapshotWriter.CreateAsync(new LocalSnapshotStore(_temp.At("w")), Now, sealer);
        await writer.WriteAsync("inventory/a", "x"u8.ToArray(), default);
        await writer.WriteAsync("keys/b", "x"u8.ToArray(), default);
        Assert.False(await writer.WriteAsync("inventory/none", _ => Task.FromResult(false)));
        await writer.DiscardAsync("inventory", default);
        Assert.Equal(["keys/b"], writer.Files.Select(f => f.Path));
        Assert.Single(Directory.EnumerateFiles(_temp.At("w"), "*", SearchOption.AllDirectories));
        await writer.DisposeAsync();
        Assert.Empty(Directory.EnumerateFileSystemEntries(_temp.At("w")));
    }

    private async Task<string> WriteAsync(params string[] certificates)
    {
        using var sealer = SnapshotSealer.For(certificates);
        await using var writer = await SnapshotWriter.CreateAsync(
            new LocalSnapshotStore(_temp.At("backups")),
            Now,
            sealer,
            "a label",
            "primary"
        );
        var builder = new DatabaseBuilder();
        for (var i = 0; i < 30; i++)
        {
            builder.Put($"/registry/configmaps/a/c{i}", Encoding.UTF8.GetBytes(new string('x', 9000) + Marker));
        }

        await writer.WriteAsync("etcd-snapshot.db", builder.Build(), default);
        await writer.WriteAsync("keys/sa.key", Encoding.UTF8.GetBytes(Marker), default);
        await writer.WriteAsync("keys/sa.pub", Encoding.UTF8.GetBytes(Marker), default);
        return await writer.CompleteAsync(
            new SnapshotManifest
            {
                Label = "a label",
                Created = Now.UtcDateTime,
                Cluster = "primary",
                Tool = ToolName.Current,
                Nodes = [new SnapshotNode("m1", NodeRole.ControlPlane, "10.0.0.1")],
                Files = writer.Files,
            },
            default
        );
    }

    private Task<EtcdSnapshot> GetAsync(string path) =>
        new SnapshotCatalog(_hosts, _context).GetAsync(SnapshotLocation.Parse(path), null, default);

    private async Task<List<EtcdSnapshotTest>> VerifyAsync(EtcdSnapshot snapshot)
    {
        var tests = new List<EtcdSnapshotTest>();
        await new SnapshotVerifier(_hosts, _context).VerifyAsync(snapshot, tests.Add, default);
        return tests;
    }

    private static EtcdSnapshot Unlockable(EtcdSnapshot snapshot, SealingIdentity identity, string kind) =>
        snapshot with
        {
            Decryption = identity.Opens(kind),
        };

    private SealingIdentity Certificate(string name) => SealingIdentity.Create(_temp.Path, name);
}
