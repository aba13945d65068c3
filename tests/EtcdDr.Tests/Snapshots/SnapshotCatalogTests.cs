using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Snapshots;
using EtcdDr.Tests.Fakes;

namespace EtcdDr.Tests.Snapshots;

public sealed class SnapshotCatalogTests : IDisposable
{
    private readonly TempDirectory _temp = new();
    private readonly RecordingSink _sink = new();
    private readonly OperationContext _context;
    private readonly DirectoryHost _host;

    public SnapshotCatalogTests()
    {
        _context = new OperationContext(_sink);
        _host = new DirectoryHost("opc@dr", _temp.Path);
    }

    public void Dispose() => _temp.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Snapshots_of_every_format_are_listed_oldest_first(bool remote)
    {
        var parent = _temp.At("backups");
        SnapshotSamples.WriteOwn(parent);
        SnapshotSamples.WriteMaa(parent);
        SnapshotSamples.Write(parent, "bare.db", SnapshotSamples.Database(4096));
        SnapshotSamples.Write(parent, "other.db", "not a database at all"u8.ToArray());
        SnapshotSamples.Write(parent, "readme.txt", "x"u8.ToArray());
        SnapshotSamples.Write(parent, "other/file", "x"u8.ToArray());
        SnapshotSamples.Write(parent, ".etcd_snapshot_2026-11-22_00-00-00.partial/etcd-snapshot.db", "x"u8.ToArray());
        File.SetLastWriteTimeUtc(Path.Combine(parent, "bare.db"), new DateTime(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc));

        var found = await Catalog().FindAsync(Location("backups", remote), null, CancellationToken.None);

        Assert.Equal(["etcd_snapshot_2022-08-29_15-56-59", "bare.db", "etcd_snapshot_2026-11-22_23-53-31"], found.Select(s => s.Name));
        Assert.Equal([SnapshotFormat.Maa, SnapshotFormat.Database, SnapshotFormat.EtcdDr], found.Select(s => s.Format));
        Assert.All(found, s => Assert.Equal(remote ? "opc@dr" : null, s.ComputerName));
        Assert.All(found, s => Assert.Equal(remote ? "opc" : null, s.Ssh?.User));
        Assert.Empty(_sink.Warnings);
    }

    [Fact]
    public async Task A_snapshot_says_what_its_manifest_says()
    {
        var path = SnapshotSamples.WriteOwn(_temp.Path);

        var snapshot = await Catalog().GetAsync(new SnapshotLocation(path), null, CancellationToken.None);

        Assert.Equal(
            ("a label", 77L, 12345L, 9L, "3.5.16", "primary"),
            (snapshot.Label, snapshot.Revision, snapshot.HashKv, snapshot.KeyCount, snapshot.EtcdVersion, snapshot.Cluster)
        );
        Assert.Equal(new FileInfo(Path.Combine(path, "etcd-snapshot.db")).Length, snapshot.DbSize);
        Assert.Equal(DateTimeKind.Utc, snapshot.Created.Kind);
        Assert.Equal(7, snapshot.Files.Count);
    }

    [Fact]
    public async Task A_maa_backup_says_what_its_logs_say()
    {
        var path = SnapshotSamples.WriteMaa(_temp.Path);

        var snapshot = await Catalog().GetAsync(new SnapshotLocation(path), null, CancellationToken.None);

        Assert.Equal(
            ("ETCD Snapshot after first configuration", "v1.25.12", "3.4.3"),
            (snapshot.Label, snapshot.KubernetesVersion, snapshot.EtcdVersion)
        );
        Assert.Equal(new DateTime(2022, 8, 29, 15, 56, 59, DateTimeKind.Utc), snapshot.Created);
        Assert.Equal(
            [
                new SnapshotNode("olk8-m1", NodeRole.ControlPlane, "10.5.176.144"),
                new SnapshotNode("olk8-m2", NodeRole.ControlPlane, null),
                new SnapshotNode("olk8-m3", NodeRole.ControlPlane, null),
                new SnapshotNode("olk8-w1", NodeRole.Worker, "10.5.176.152"),
            ],
            snapshot.Nodes
        );
    }

    [Fact]
    public async Task One_broken_snapshot_among_many_is_a_warning_that_names_it()
    {
        SnapshotSamples.WriteOwn(_temp.Path);
        var broken = SnapshotSamples.WriteOwn(_temp.Path, "etcd_snapshot_2026-11-23_00-00-00");
        File.Delete(Path.Combine(broken, "keys", "sa.pub"));
        var unfinished = SnapshotSamples.WriteMaa(_temp.Path);
        File.Delete(Path.Combine(unfinished, "backup_label.txt"));

        var found = await Catalog().FindAsync(new SnapshotLocation(_temp.Path), null, CancellationToken.None);

        Assert.Equal("etcd_snapshot_2026-11-22_23-53-31", Assert.Single(found).Name);
        Assert.Contains(
            _sink.Warnings,
            w => w.Contains(broken, StringComparison.Ordinal) && w.Contains("keys/sa.pub", StringComparison.Ordinal)
        );
        Assert.Contains(
            _sink.Warnings,
            w => w.Contains(unfinished, StringComparison.Ordinal) && w.Contains("backup_label.txt", StringComparison.Ordinal)
        );
    }

    [Theory]
    [InlineData("missing", "SnapshotFileMissing")]
    [InlineData("plain", "NotASnapshot")]
    [InlineData("plain/file.db", "NotASnapshot")]
    [InlineData(".etcd_snapshot_2026-11-22_23-53-31.partial", "SnapshotIncomplete")]
    [InlineData("etcd_snapshot_2026-11-22_11-11-11", "SnapshotIncomplete")]
    public async Task What_is_no_whole_snapshot_is_an_error_when_named(string name, string errorId)
    {
        SnapshotSamples.Write(_temp.Path, "plain/file.db", "nothing of etcd's at all"u8.ToArray());
        SnapshotSamples.Write(_temp.Path, ".etcd_snapshot_2026-11-22_23-53-31.partial/etcd-snapshot.db", SnapshotSamples.Database(4096));
        SnapshotSamples.Write(_temp.Path, "etcd_snapshot_2026-11-22_11-11-11/keys/sa.pub", "x"u8.ToArray());

        var error = await Assert.ThrowsAsync<EtcdDrException>(() =>
            Catalog().GetAsync(new SnapshotLocation(_temp.At(name)), null, CancellationToken.None)
        );

        Assert.Equal(errorId, error.ErrorId);
        Assert.Contains(_temp.At(name), error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"formatVersion":99,"files":[]}""", "SnapshotVersionUnknown")]
    [InlineData(
        """{"formatVersion":1,"created":"2026-11-22T00:00:00Z","files":[{"path":"../../etc/passwd","size":1,"sha256":"00"}]}""",
        "PathOutsideStore"
    )]
    [InlineData(
        """{"formatVersion":1,"created":"2026-11-22T00:00:00Z","files":[{"path":"etcd-snapshot.db","size":1,"sha256":"00"}]}""",
        "SnapshotManifestInvalid"
    )]
    [InlineData("""{"formatVersion":1,"created":"2026-11-22T00:00:00Z","files":null}""", "SnapshotManifestInvalid")]
    [InlineData("""{"formatVersion":1,"created":"2026-11-22T00:00:00Z","files":[{}]}""", "SnapshotManifestInvalid")]
    [InlineData("""{"formatVersion":1,"created":"2026-11-22T00:00:00Z","files":[]}""", "SnapshotManifestInvalid")]
    [InlineData("null", "SnapshotManifestInvalid")]
    [InlineData("{", "SnapshotManifestInvalid")]
    public void A_manifest_that_cannot_be_trusted_is_refused(string json, string errorId)
    {
        var error = Assert.Throws<EtcdDrException>(() =>
            SnapshotManifest.Parse(System.Text.Encoding.UTF8.GetBytes(json), "/b/s/snapshot.json")
        );

        Assert.Equal(errorId, error.ErrorId);
    }

    [Fact]
    public void A_manifest_with_a_name_that_is_not_UTF_8_is_refused()
    {
        var json = System.Text.Encoding.Latin1.GetBytes("{\"formatVersion\":1,\"l\u00ffbel\":1}");

        var error = Assert.Throws<EtcdDrException>(() => SnapshotManifest.Parse(json, "/b/s/snapshot.json"));

        Assert.Equal("SnapshotManifestInvalid", error.ErrorId);
    }

    [Theory]
    [InlineData("""{"formatVersion":1,"files":[]}""", "it has no 'created'")]
    [InlineData("""{"formatVersion":1,"created":"2026-11-22T00:00:00Z","nodes":[{"files":1}]}""", "it has no 'files'")]
    [InlineData("""{"label":"x"}""", "it has no 'formatVersion' and no 'created' and no 'files'")]
    public void A_manifest_that_lacks_what_every_manifest_has_is_refused_by_name(string json, string why)
    {
        var error = Assert.Throws<EtcdDrException>(() =>
            SnapshotManifest.Parse(System.Text.Encoding.UTF8.GetBytes(json), "/b/s/snapshot.json")
        );

        Assert.Equal("SnapshotManifestInvalid", error.ErrorId);
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
    }

    private SnapshotLocation Location(string directory, bool remote) =>
        SnapshotLocation.Parse(remote ? $"opc@dr:/{directory}" : _temp.At(directory));

    private SnapshotCatalog Catalog() => new(_host, _context);
}
