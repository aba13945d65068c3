using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Snapshots;
using EtcdDr.Engine.Transfer;
using EtcdDr.Tests.Fakes;
using EtcdDr.Tests.Snapshots;

namespace EtcdDr.Tests.Transfer;

public sealed class CopySnapshotTests : IDisposable
{
    private const int Large = 10 * 1024 * 1024;
    private const string Name = "etcd_snapshot_2026-11-22_23-53-31";
    private const UnixFileMode PrivateDirectory = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly TempDirectory _temp = new();
    private readonly RecordingSink _sink = new();
    private readonly OperationContext _context;
    private readonly DirectoryHost _host;

    public CopySnapshotTests()
    {
        _context = new OperationContext(_sink);
        Directory.CreateDirectory(_temp.At("remote"));
        _host = new DirectoryHost("dr", _temp.At("remote"));
    }

    public void Dispose() => _temp.Dispose();

    [Theory]
    [InlineData("own", "local", true)]
    [InlineData("own", "dr", true)]
    [InlineData("own", "dr", false)]
    [InlineData("maa", "local", true)]
    [InlineData("maa", "dr", true)]
    [InlineData("bare", "local", true)]
    [InlineData("bare", "dr", true)]
    public async Task A_copy_is_the_snapshot_byte_for_byte_with_private_modes(string format, string to, bool shell)
    {
        _host.HasShell = shell;
        var source = Write(format);
        var snapshot = await GetAsync(source);

        var copy = Assert.Single(await CopyAsync(snapshot, Destination(to)));

        var target = Path.Combine(Real(to), snapshot.Name);
        AssertSame(source, target);
        Assert.All(Files(target), f => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(f)));
        Assert.DoesNotContain(Directory.GetFileSystemEntries(Real(to)), e => e.EndsWith(".partial", StringComparison.Ordinal));
        Assert.Equal(to == "local" ? null : "dr", copy.ComputerName);
        await using var reader = await SnapshotReader.OpenAsync(copy, _host, _context, CancellationToken.None);
        await reader.VerifySumsAsync(null, CancellationToken.None);
    }

    [Fact]
    public async Task A_copy_from_a_host_to_another_place_passes_through()
    {
        SnapshotSamples.WriteOwn(_temp.At("remote", "there"), dbSize: Large);
        var snapshot = await GetAsync("dr:/there/" + Name);

        await CopyAsync(snapshot, Destination("local"), Destination("dr"));

        AssertSame(_temp.At("remote", "there", Name), Path.Combine(Real("local"), Name));
        AssertSame(_temp.At("remote", "there", Name), Path.Combine(Real("dr"), Name));
    }

    [Fact]
    public async Task A_copy_again_finds_the_same_snapshot_and_sends_nothing()
    {
        var snapshot = await GetAsync(Write("own"));
        await CopyAsync(snapshot, Destination("dr"));
        var written = _host.Written;

        Assert.Single(await CopyAsync(snapshot, Destination("dr")));

        Assert.Equal(written, _host.Written);
    }

    [Fact]
    public async Task Another_snapshot_of_the_same_name_is_an_error_and_stays_as_it_is()
    {
        var other = SnapshotSamples.WriteOwn(Real("dr"), label: "another");
        var before = await File.ReadAllBytesAsync(Path.Combine(other, "snapshot.json"));
        var snapshot = await GetAsync(Write("own"));

        var error = await Assert.ThrowsAsync<EtcdDrException>(() => CopyAsync(snapshot, Destination("dr")));

        Assert.Equal("SnapshotExists", error.ErrorId);
        Assert.Equal(before, await File.ReadAllBytesAsync(Path.Combine(other, "snapshot.json")));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_cut_copy_is_no_snapshot_and_goes_on_where_it_was_right(bool flipped)
    {
        var source = Write("own");
        var snapshot = await GetAsync(source);
        _host.CutAfter = (long)(Large * 0.7);
        Assert.Equal("ConnectionLost", (await Assert.ThrowsAsync<EtcdDrException>(() => CopyAsync(snapshot, Destination("dr")))).ErrorId);
        Assert.False(Path.Exists(Path.Combine(Real("dr"), Name)));
        var partial = Path.Combine(Real("dr"), SnapshotNames.PartialOf(Name), "etcd-snapshot.db");
        if (flipped)
        {
            await using var file = File.OpenWrite(partial);
            file.Position = (3 * 1024 * 1024) + 5;
            file.WriteByte(0);
            file.WriteByte(1);
        }

        _host.CutAfter = null;
        var before = _host.Written;
        await CopyAsync(snapshot, Destination("dr"));

        AssertSame(source, Path.Combine(Real("dr"), Name));
        var sentAgain = _host.Written - before;
        Assert.InRange(sentAgain, Large * 0.3, flipped ? Large * 1.3 : (Large * 0.3) + (2 * 1024 * 1024));
    }

    [Fact]
    public async Task A_partial_that_is_longer_or_holds_strangers_is_put_right()
    {
        var source = Write("own");
        var partial = Path.Combine(Real("dr"), SnapshotNames.PartialOf(Name));
        Directory.CreateDirectory(partial, PrivateDirectory);
        SnapshotSamples.Write(partial, "etcd-snapshot.db", new byte[Large * 2]);
        SnapshotSamples.Write(partial, "keys/sa.key", "much longer than the real one"u8.ToArray());
        SnapshotSamples.Write(partial, "stranger/file", "x"u8.ToArray());

        await CopyAsync(await GetAsync(source), Destination("dr"));

        AssertSame(source, Path.Combine(Real("dr"), Name));
    }

    [Fact]
    public async Task A_byte_that_changes_on_its_way_is_sent_again()
    {
        var source = Write("own");
        _host.FlipAt = 7 * 1024 * 1024;

        await CopyAsync(await GetAsync(source), Destination("dr"));

        AssertSame(source, Path.Combine(Real("dr"), Name));
    }

    [Fact]
    public async Task A_source_that_is_not_what_its_manifest_says_is_never_a_snapshot_elsewhere()
    {
        var source = Write("own");
        await using (var file = File.OpenWrite(Path.Combine(source, "etcd-snapshot.db")))
        {
            file.Position = 5_000_000;
            file.WriteByte(1);
            file.WriteByte(2);
        }

        var error = await Assert.ThrowsAsync<EtcdDrException>(async () => await CopyAsync(await GetAsync(source), Destination("dr")));

        Assert.Equal("SnapshotAltered", error.ErrorId);
        Assert.Contains("etcd-snapshot.db", error.Message, StringComparison.Ordinal);
        Assert.False(Path.Exists(Path.Combine(Real("dr"), Name)));
    }

    [Fact]
    public async Task A_destination_without_room_is_told_before_anything_is_sent()
    {
        _host.FreeBytes = 1_000_000;

        var error = await Assert.ThrowsAsync<EtcdDrException>(async () => await CopyAsync(await GetAsync(Write("own")), Destination("dr")));

        Assert.Equal("DestinationFull", error.ErrorId);
        Assert.Contains("dr:/restore", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, _host.Written);
    }

    [Fact]
    public async Task One_destinations_failure_does_not_stop_the_others()
    {
        _host.FreeBytes = 0;

        var copies = await CopyAsync(await GetAsync(Write("own")), Destination("dr"), Destination("local"));

        Assert.Null(Assert.Single(copies).ComputerName);
        Assert.Equal("DestinationFull", Assert.Single(_sink.Errors).ErrorId);
    }

    [Fact]
    public async Task A_partial_directory_that_others_can_write_is_not_taken_over()
    {
        var partial = Path.Combine(Real("local"), SnapshotNames.PartialOf(Name));
        Directory.CreateDirectory(partial);
        File.SetUnixFileMode(partial, PrivateDirectory | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute);

        var error = await Assert.ThrowsAsync<EtcdDrException>(async () =>
            await CopyAsync(await GetAsync(Write("own")), Destination("local"))
        );

        Assert.Equal("DestinationNotWritable", error.ErrorId);
    }

    [Fact]
    public async Task What_restores_left_in_a_snapshot_is_not_copied()
    {
        var source = Write("own");
        SnapshotSamples.Write(source, "restore_attempted_2026-11-23_00-00-00/restore.log", "x"u8.ToArray());

        await CopyAsync(await GetAsync(source), Destination("dr"));

        Assert.Empty(Directory.GetDirectories(Path.Combine(Real("dr"), Name), "restore_*"));
    }

    [Fact]
    public async Task Progress_counts_every_byte_and_ends()
    {
        var snapshot = await GetAsync(Write("own"));

        await CopyAsync(snapshot, Destination("dr"));

        var last = _sink.Updates.Last();
        Assert.True(last.Completed);
        Assert.Equal((snapshot.Size, snapshot.Size, "dr:/restore"), (last.BytesDone, last.BytesTotal, last.Node));
    }

    private static IEnumerable<string> Files(string path) =>
        Directory.Exists(path) ? Directory.GetFiles(path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal) : [path];

    private static void AssertSame(string source, string target)
    {
        string[] Relative(string root) =>
            [.. Files(root).Select(f => Path.GetRelativePath(root, f)).Where(f => !f.StartsWith("restore_", StringComparison.Ordinal))];

        Assert.Equal(Relative(source), Relative(target));
        foreach (var file in Relative(source))
        {
            Assert.True(
                File.ReadAllBytes(Path.GetFullPath(file, source)).AsSpan().SequenceEqual(File.ReadAllBytes(Path.GetFullPath(file, target))),
                $"{file} differs"
            );
        }
    }

    private string Write(string format)
    {
        var parent = _temp.At("source");
        switch (format)
        {
            case "own":
                return SnapshotSamples.WriteOwn(parent, dbSize: Large);
            case "maa":
                return SnapshotSamples.WriteMaa(parent);
            default:
                SnapshotSamples.Write(parent, "bare.db", SnapshotSamples.Database((3 * 1024 * 1024) + 512));
                return Path.Combine(parent, "bare.db");
        }
    }

    private string Real(string to) => to == "local" ? _temp.At("copies") : _temp.At("remote", "restore");

    private CopyDestination Destination(string to) => new(SnapshotLocation.Parse(to == "local" ? Real(to) : "dr:/restore"), null);

    private Task<EtcdSnapshot> GetAsync(string path) =>
        new SnapshotCatalog(_host, _context).GetAsync(SnapshotLocation.Parse(path), null, CancellationToken.None);

    private async Task<List<EtcdSnapshot>> CopyAsync(EtcdSnapshot snapshot, params CopyDestination[] destinations)
    {
        var copies = new System.Collections.Concurrent.ConcurrentBag<EtcdSnapshot>();
        await new CopySnapshotOperation(_host, _context) { BlockSize = 1024 * 1024 }.RunAsync(
            snapshot,
            destinations,
            copies.Add,
            CancellationToken.None
        );
        return [.. copies];
    }
}
