using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Snapshots;
using EtcdDr.Engine.Snapshots.Places.Directories.Local;
using EtcdDr.Engine.Snapshots.Sealing;
using EtcdDr.Engine.Ssh;
using EtcdDr.Tests.Fakes;

namespace EtcdDr.Tests.Snapshots.Sealing;

/// <summary>What a sealed snapshot says without a key is what was sealed, or its seal does not open.</summary>
public sealed class SealedBindingTests : IDisposable
{
    private const string Configuration = "restore_attempted_2026-11-23_00-00-00/current_etc_kubernetes/m1/etc-kubernetes.tar.gz";
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 23, 53, 31, TimeSpan.Zero);

    private readonly TempDirectory _temp = new();
    private readonly SshHostFactory _hosts = new();
    private readonly RecordingSink _sink = new();
    private readonly OperationContext _context;
    private readonly SealingIdentity _identity;

    public SealedBindingTests()
    {
        _context = new OperationContext(_sink);
        _identity = SealingIdentity.Create(_temp.Path, "one");
    }

    public void Dispose() => _temp.Dispose();

    public static TheoryData<int, string, string?> Changes
    {
        get
        {
            var changes = new TheoryData<int, string, string?>();
            foreach (var version in (int[])[2, 3])
            {
                changes.Add(version, "label", "gold");
                changes.Add(version, "label", null);
                changes.Add(version, "cluster", "secondary");
                changes.Add(version, "tool", "EtcdDr 9.9.9");
                changes.Add(version, "created", "2026-11-22T23:53:31.5Z");
            }

            return changes;
        }
    }

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task What_is_changed_beside_the_seal_is_found_when_it_is_opened(int version, string name, string? value)
    {
        var (path, opens) = await WriteAsync(version);
        Change(path, name, value);

        var error = await Assert.ThrowsAsync<EtcdDrException>(() => UnlockAsync(path, opens));

        Assert.Equal("SnapshotAltered", error.ErrorId);
        Assert.Contains(name, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_directory_with_the_name_of_another_time_is_no_snapshot(int version)
    {
        var (path, _) = await WriteAsync(version);
        var moved = Path.Combine(Path.GetDirectoryName(path)!, "etcd_snapshot_2026-11-29_00-00-00");
        Directory.Move(path, moved);

        var error = await Assert.ThrowsAsync<EtcdDrException>(() => GetAsync(moved));

        Assert.Equal("SnapshotAltered", error.ErrorId);
        Assert.Contains("etcd_snapshot_2026-11-22_23-53-31", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_snapshot_that_was_given_a_later_time_is_passed_over_where_its_key_is_at_hand(int version)
    {
        var (path, opens) = await WriteAsync(version);
        var moved = Path.Combine(Path.GetDirectoryName(path)!, "etcd_snapshot_2026-11-29_00-00-00");
        Change(path, "created", "2026-11-29T00:00:00Z");
        Directory.Move(path, moved);

        var found = await GetAsync(moved);
        Assert.Equal(SnapshotSealState.Unproven, found.SealState);
        Assert.Null(await new SnapshotCatalog(_hosts, _context).ProveAsync(found with { Decryption = opens }, default));
        Assert.Contains(moved, Assert.Single(_sink.Warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task An_untouched_one_is_unproven_until_it_is_opened(int version)
    {
        var (path, opens) = await WriteAsync(version);
        var found = await GetAsync(path);
        Assert.Equal(SnapshotSealState.Unproven, found.SealState);

        var proven = await new SnapshotCatalog(_hosts, _context).ProveAsync(found with { Decryption = opens }, default);

        Assert.Equal((SnapshotSealState.Proven, "a label", "m1"), (proven!.SealState, proven.Label, Assert.Single(proven.Nodes).Name));
        Assert.Same(found, await new SnapshotCatalog(_hosts, _context).ProveAsync(found, default));
    }

    [Theory]
    [InlineData(2, 3)]
    [InlineData(3, 2)]
    public async Task One_version_is_not_taken_for_the_other(int written, int told)
    {
        var (path, opens) = await WriteAsync(written);
        var manifest = Path.Combine(path, SnapshotManifest.FileName);
        File.WriteAllText(
            manifest,
            File.ReadAllText(manifest).Replace($"\"formatVersion\": {written}", $"\"formatVersion\": {told}", StringComparison.Ordinal)
        );

        Assert.Equal("SnapshotAltered", (await Assert.ThrowsAsync<EtcdDrException>(() => UnlockAsync(path, opens))).ErrorId);
    }

    [Fact]
    public async Task A_snapshot_of_format_version_2_opens_with_what_a_restore_kept_beside_it()
    {
        var (path, opens) = await WriteAsync(2);
        await using var reader = await OpenAsync(await GetAsync(path), opens);

        Assert.Equal("the signing key", Encoding.UTF8.GetString(await reader.ReadFileAsync("keys/sa.key", default)));
        var kept = Assert.Single(await KeptFiles.ListAsync(reader.Store, default));
        using var text = new StreamReader(await reader.OpenKeptAsync(kept, default));
        Assert.Equal("the node's configuration", await text.ReadToEndAsync());
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task The_kept_configuration_of_one_node_is_not_taken_for_that_of_another(int version)
    {
        var (path, opens) = await WriteAsync(version);
        await using var reader = await OpenAsync(await GetAsync(path), opens);
        var restore = Configuration.Replace("2026-11-23", "2026-11-24", StringComparison.Ordinal);
        await reader.KeepAsync(restore, "of m1"u8.ToArray(), default);
        var kept = (await KeptFiles.ListAsync(reader.Store, default))[^1];
        using (var text = new StreamReader(await reader.OpenKeptAsync(kept, default)))
        {
            Assert.Equal("of m1", await text.ReadToEndAsync());
        }

        var moved = kept.Path.Replace("/m1/", "/m2/", StringComparison.Ordinal);
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(path, moved))!);
        File.Move(Path.Combine(path, kept.Path), Path.Combine(path, moved));

        await using var stream = await reader.OpenKeptAsync(kept with { Path = moved }, default);
        Assert.Equal(
            "SnapshotAltered",
            (await Assert.ThrowsAsync<EtcdDrException>(async () => await stream.ReadAtLeastAsync(new byte[1], 1))).ErrorId
        );
    }

    // Worked out with another implementation (Node.js, crypto); docs/sealed-format.md has them too.
    [Fact]
    public void The_test_vectors_of_the_format_hold()
    {
        using var key = SnapshotKey.Of([.. Enumerable.Range(0, 32).Select(i => (byte)i)]);
        var readable = new SealedReadable(Now.UtcDateTime, "a label", null, "EtcdDr 0.1.0");
        Assert.Equal("fd6494e56969740d0ff8dd1cd05820955f915eaef3b0bc6bbb8a96c555c0c752", Hex(readable.Hash()));

        using var bound = key.BoundTo(readable);
        Assert.Equal("9ba7c9efbae2fcbe27fdd9e3f9a70a9c2eb8abbb5c2e51fde55d95099885c9df", Hex(bound.Bytes));

        var id = Enumerable.Range(0, 16).Select(i => (byte)i).ToArray();
        Assert.Equal(
            "45746364447253460100010000000100000102030405060708090a0b0c0d0e0fad87718fb29cdc0880b86a47762463b9a73be7",
            Hex(Seal(bound, SealedKind.File, id, "keys/sa.key"))
        );
        Assert.Equal(
            "45746364447253460100040000000100000102030405060708090a0b0c0d0e0f87244c71cf777470ff649659cbdb5f2504381c",
            Hex(Seal(bound, SealedKind.KeptAt, id, Configuration))
        );
    }

    private static byte[] Seal(SnapshotKey key, SealedKind kind, byte[] id, string path)
    {
        var header = SealedLayout.NewHeader(kind);
        id.CopyTo(header, 16);
        using var target = new MemoryStream();
        using var stream = new SealingStream(target, key, header, path);
        stream.Write("abc"u8);
        stream.Finish();
        return target.ToArray();
    }

    private static string Hex(ReadOnlySpan<byte> bytes) => Convert.ToHexString(bytes).ToLowerInvariant();

    private static void Change(string path, string name, string? value)
    {
        var manifest = Path.Combine(path, SnapshotManifest.FileName);
        var json = JsonNode.Parse(File.ReadAllText(manifest))!.AsObject();
        json.Remove(name);
        if (value is not null)
        {
            json[name] = value;
        }

        File.WriteAllText(manifest, json.ToJsonString());
    }

    private async Task<(string Path, SnapshotDecryption Opens)> WriteAsync(int version)
    {
        if (version == 2)
        {
            return WriteOld();
        }

        using var sealer = SnapshotSealer.For((string[])[_identity.CertificateFile]);
        await using var writer = await SnapshotWriter.CreateAsync(
            new LocalSnapshotStore(_temp.At("backups")),
            Now,
            sealer,
            "a label",
            "primary"
        );
        await writer.WriteAsync("etcd-snapshot.db", new Bench.Fuzzing.DatabaseBuilder().Put("a", [1]).Build(), default);
        await writer.WriteAsync("keys/sa.key", "the signing key"u8.ToArray(), default);
        var manifest = new SnapshotManifest
        {
            Created = Now.UtcDateTime,
            Label = "a label",
            Cluster = "primary",
            Tool = ToolName.Current,
            Nodes = [new SnapshotNode("m1", NodeRole.ControlPlane, "10.0.0.1")],
            Files = writer.Files,
        };
        return (await writer.CompleteAsync(manifest, default), _identity.Opens("pem"));
    }

    // What a version of the module that knew format version 2 only left, byte for byte, with the key that opens it.
    private (string Path, SnapshotDecryption Opens) WriteOld()
    {
        var file = Path.Combine(Repository.Root, "tests", "EtcdDr.Tests", "Snapshots", "Sealing", "sealed-2.json");
        var parts = JsonSerializer.Deserialize<Dictionary<string, byte[]>>(File.ReadAllText(file))!;
        foreach (var (path, content) in parts.Where(p => p.Key.Contains('/', StringComparison.Ordinal)))
        {
            SnapshotSamples.Write(_temp.At("old"), path, content);
        }

        var key = _temp.At("old.pem");
        File.WriteAllText(key, PemEncoding.WriteString("PRIVATE KEY", parts["private key, PKCS #8"]));
        return (Path.Combine(_temp.At("old"), "etcd_snapshot_2026-11-22_23-53-31"), new SnapshotDecryption(key, null));
    }

    private Task<EtcdSnapshot> GetAsync(string path) =>
        new SnapshotCatalog(_hosts, _context).GetAsync(SnapshotLocation.Parse(path), null, default);

    private async Task<SnapshotReader> OpenAsync(EtcdSnapshot snapshot, SnapshotDecryption opens)
    {
        var reader = await SnapshotReader.OpenAsync(snapshot with { Decryption = opens }, _hosts, _context, default);
        await reader.UnlockAsync(default);
        return reader;
    }

    private async Task UnlockAsync(string path, SnapshotDecryption opens) =>
        await (await OpenAsync(await GetAsync(path), opens)).DisposeAsync();
}
