using System.Text;
using System.Text.Json.Nodes;
using EtcdDr.Bench.Fuzzing;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Snapshots;
using EtcdDr.Engine.Snapshots.Retention;
using EtcdDr.Tests.Fakes;

namespace EtcdDr.Tests.Snapshots;

/// <summary>Whoever may write to a place may write anything there: one bad snapshot never hides its neighbours.</summary>
public sealed class HostilePlaceTests : IDisposable
{
    private const string Good = "etcd_snapshot_2026-11-22_23-53-31";
    private const string Bad = "etcd_snapshot_2026-11-23_00-00-00";

    private readonly TempDirectory _temp = new();
    private readonly RecordingSink _sink = new();
    private readonly OperationContext _context;
    private readonly DirectoryHost _host;

    public HostilePlaceTests()
    {
        _context = new OperationContext(_sink);
        _host = new DirectoryHost("dr", _temp.Path);
    }

    public void Dispose() => _temp.Dispose();

    [Theory]
    [InlineData("takenInSeconds", "1e300")]
    [InlineData("takenInSeconds", "-1")]
    [InlineData("encryptionConfigs", "[null]")]
    [InlineData("encryptionConfigs", """[{"nodePath":"/etc/x","path":"not/listed"}]""")]
    [InlineData("nodes", "[null]")]
    [InlineData("nodes", """[{"name":"../../x","role":"Worker"}]""")]
    [InlineData("nodes", """[{"name":"m1\u001b[2J","role":"Worker"}]""")]
    [InlineData("nodes", """[{"name":"m1","role":77}]""")]
    [InlineData("warnings", "[null]")]
    [InlineData("serviceAccountIssuers", "[null]")]
    [InlineData("serviceAccountIssuers", "null")]
    [InlineData("revision", "-5")]
    [InlineData("compactRevision", "-2")]
    [InlineData("hashKv", "4294967296")]
    [InlineData("keyCount", "-1")]
    [InlineData("created", "\"yesterday\"")]
    [InlineData("formatVersion", "99")]
    public async Task A_manifest_that_cannot_be_is_a_warning_and_its_neighbours_are_listed(string name, string value)
    {
        SnapshotSamples.WriteOwn(_temp.Path, Good);
        Change(SnapshotSamples.WriteOwn(_temp.Path, Bad), name, value);

        var found = await Catalog().FindAsync(new SnapshotLocation(_temp.Path), null, default);

        Assert.Equal(Good, Assert.Single(found).Name);
        Assert.Contains(Bad, Assert.Single(_sink.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_nodes_address_reaches_nobodys_terminal_with_control_characters()
    {
        Change(SnapshotSamples.WriteOwn(_temp.Path, Good), "nodes", """[{"name":"m1","role":"Worker","address":"10.0.0.1\u001b[2J"}]""");

        var found = Assert.Single(await Catalog().FindAsync(new SnapshotLocation(_temp.Path), null, default));

        Assert.DoesNotContain(Assert.Single(found.Nodes).Address!, char.IsControl);
    }

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("/etc/passwd")]
    [InlineData("keys\\sa.key")]
    [InlineData("keys/\u001b[2Jsa.key")]
    [InlineData("keys/../keys/sa.key")]
    public async Task A_manifest_that_names_a_path_that_is_none_is_a_warning_without_control_characters(string path)
    {
        SnapshotSamples.WriteOwn(_temp.Path, Good);
        var files = JsonNode.Parse("""[{"path":"","size":1,"sha256":""}]""")!;
        files[0]!["path"] = path;
        Change(SnapshotSamples.WriteOwn(_temp.Path, Bad), "files", files.ToJsonString());

        Assert.Equal(Good, Assert.Single(await Catalog().FindAsync(new SnapshotLocation(_temp.Path), null, default)).Name);

        Assert.DoesNotContain(Assert.Single(_sink.Warnings), char.IsControl);
    }

    [Fact]
    public void Sizes_that_cannot_be_added_up_are_refused()
    {
        var sum = new string('a', 64);
        var files =
            $$"""[{"path":"etcd-snapshot.db","size":{{long.MaxValue}},"sha256":"{{sum}}"},{"path":"b","size":1,"sha256":"{{sum}}"}]""";
        var json = $$"""{"formatVersion":1,"created":"2026-11-22T00:00:00Z","files":{{files}}}""";

        var error = Assert.Throws<EtcdDrException>(() => SnapshotManifest.Parse(Encoding.UTF8.GetBytes(json), "/b/s/snapshot.json"));

        Assert.Equal("SnapshotManifestInvalid", error.ErrorId);
    }

    [Fact]
    public async Task Text_that_would_move_the_cursor_is_shown_without()
    {
        Change(SnapshotSamples.WriteOwn(_temp.Path, Good), "label", "\"\\u001b[31mgold\\r\\n\"");

        Assert.Equal("?[31mgold??", Assert.Single(await Catalog().FindAsync(new SnapshotLocation(_temp.Path), null, default)).Label);
    }

    [Fact]
    public async Task A_time_with_a_zone_is_that_moment_whatever_zone_this_machine_has()
    {
        Change(SnapshotSamples.WriteOwn(_temp.Path, Good), "created", "\"2026-11-22T05:00:00+05:00\"");

        var created = Assert.Single(await Catalog().FindAsync(new SnapshotLocation(_temp.Path), null, default)).Created;

        Assert.Equal((new DateTime(2026, 11, 22), DateTimeKind.Utc), (created, created.Kind));
    }

    [Theory]
    [InlineData("\u001b[2J", false)]
    [InlineData("a\\b", false)]
    [InlineData("etcd_snapshot_2026-11-23_00-00-00\u001b[2J", true)]
    public async Task A_directory_with_a_name_that_is_none_is_passed_over(string name, bool isOurs)
    {
        SnapshotSamples.WriteOwn(_temp.Path, Good);
        SnapshotSamples.WriteOwn(_temp.Path, name);

        Assert.Equal(Good, Assert.Single(await Catalog().FindAsync(SnapshotLocation.Parse("dr:/"), null, default)).Name);

        Assert.Equal(isOurs ? 1 : 0, _sink.Warnings.Count);
        Assert.DoesNotContain(string.Concat(_sink.Warnings), char.IsControl);
    }

    [Fact]
    public async Task Retention_goes_on_past_a_snapshot_that_became_unreadable_after_it_was_listed()
    {
        SnapshotSamples.WriteOwn(
            _temp.Path,
            "etcd_snapshot_2026-11-01_00-00-00",
            created: new DateTime(2026, 11, 1, 0, 0, 0, DateTimeKind.Utc)
        );
        SnapshotSamples.WriteOwn(
            _temp.Path,
            "etcd_snapshot_2026-11-02_00-00-00",
            created: new DateTime(2026, 11, 2, 0, 0, 0, DateTimeKind.Utc)
        );
        var bad = SnapshotSamples.WriteOwn(
            _temp.Path,
            "etcd_snapshot_2026-11-03_00-00-00",
            created: new DateTime(2026, 11, 3, 0, 0, 0, DateTimeKind.Utc)
        );
        var all = await Catalog().FindAsync(new SnapshotLocation(_temp.Path), null, default);
        Change(bad, "takenInSeconds", "1e300");

        var decisions = await new RemoveSnapshotOperation(_host, _context).DecideAsync(all, new RetentionPolicy { KeepLast = 1 }, default);

        Assert.Equal([true, true, false], decisions.Select(d => d.Keep));
    }

    [Fact]
    public async Task A_database_that_becomes_shorter_while_it_is_read_is_told_so()
    {
        var path = _temp.At("bare.db");
        await File.WriteAllBytesAsync(path, SnapshotSamples.Database(4096));
        await using var reader = await SnapshotReader.OpenAsync(
            await Catalog().GetAsync(new SnapshotLocation(path), null, default),
            _host,
            _context,
            default
        );
        await File.WriteAllBytesAsync(path, (await File.ReadAllBytesAsync(path))[..4000]);

        Assert.Equal("SnapshotAltered", (await Assert.ThrowsAsync<EtcdDrException>(() => reader.VerifySumsAsync(null, default))).ErrorId);
    }

    [Theory]
    [InlineData("""{"state":"\ud800"}""")]
    [InlineData("""{"\ud800":"Completed"}""")]
    public void A_journal_with_text_that_is_none_means_that_its_restore_may_go_on(string journal) =>
        Assert.False(RestoreRecords.IsFinished(Encoding.UTF8.GetBytes(journal)));

    [Fact]
    public void Mutated_manifests_are_refused_or_can_be_shown() => Fuzz(new ManifestTarget(), 5000, 1000);

    [Fact]
    public void A_place_that_lies_is_listed_to_the_end() => Fuzz(new ListingTarget(), 2000, 100);

    private static void Fuzz(IFuzzTarget target, int count, int refused)
    {
        var run = new FuzzRun(target, 7);
        var complaints = new StringWriter();
        run.Run(count, complaints, default);
        Assert.Equal(string.Empty, complaints.ToString());
        Assert.Equal($"{count} inputs, 0 crashes, 0 hangs, 0 accepted changed", run.ToString());
        Assert.True(run[FuzzVerdict.Refused] > refused);
        Assert.True(run[FuzzVerdict.Refused] < count);
    }

    private static void Change(string snapshot, string name, string value)
    {
        var path = Path.Combine(snapshot, SnapshotManifest.FileName);
        var manifest = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        manifest[name] = "MARK";
        File.WriteAllText(path, manifest.ToJsonString().Replace("\"MARK\"", value, StringComparison.Ordinal));
    }

    private SnapshotCatalog Catalog() => new(_host, _context);
}
