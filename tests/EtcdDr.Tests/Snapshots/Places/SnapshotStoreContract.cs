using System.Security.Cryptography;
using EtcdDr.Engine.Snapshots;
using EtcdDr.Engine.Snapshots.Places;

namespace EtcdDr.Tests.Snapshots.Places;

/// <summary>
/// What every place must do, whatever it is made of: the contract of <see cref="ISnapshotStore"/> as tests. A new kind of place derives a
/// class from this one that opens it; it writes no test of its own for what stands here.
/// </summary>
public abstract class SnapshotStoreContract
{
    private const string Name = "etcd_snapshot_2026-11-22_23-53-31";
    private const string Large = "etcd-snapshot.db";

    private readonly Dictionary<string, byte[]> _files = new(StringComparer.Ordinal)
    {
        [Large] = RandomNumberGenerator.GetBytes((3 * 1024 * 1024) + 17),
        ["keys/sa.key"] = "private"u8.ToArray(),
        ["nodes/m1/cni.tar.gz"] = RandomNumberGenerator.GetBytes(5000),
        ["inventory/empty"] = [],
        [SnapshotManifest.FileName] = "{}"u8.ToArray(),
    };

    private readonly List<string> _opened = [];

    /// <summary>Opens the same place, empty at first; each call gives another object.</summary>
    private protected abstract Task<ISnapshotStore> OpenAsync();

    [Fact]
    public async Task An_upload_counts_when_it_is_published_and_not_before()
    {
        await using var store = await OpenAsync();
        await using var upload = await store.UploadAsync(Upload(), default);
        await WriteAllAsync(upload);
        Assert.Null(await store.StatAsync(Name, default));
        Assert.True(Assert.Single(await store.FindUnfinishedAsync(default)).Size >= _files[Large].Length);

        await upload.PublishAsync(default);

        await using var other = await OpenAsync();
        Assert.Equal(_files.Keys.Order(StringComparer.Ordinal), await FilesAsync(other, Name));
        Assert.Empty(await other.FindUnfinishedAsync(default));
        foreach (var (path, content) in _files)
        {
            Assert.Equal(content, await ReadAsync(other, $"{Name}/{path}", 0));
        }
    }

    [Fact]
    public async Task An_upload_that_was_cut_goes_on_from_what_is_there()
    {
        await using (var store = await OpenAsync())
        await using (var upload = await store.UploadAsync(Upload(), default))
        {
            await upload.WriteAsync(Entry(Large), default);
        }

        _opened.Clear();
        await using var again = await OpenAsync();
        await using var rest = await again.UploadAsync(Upload(), default);
        await WriteAllAsync(rest);
        await rest.PublishAsync(default);

        Assert.DoesNotContain(Large, _opened);
        Assert.Equal(_files[Large], await ReadAsync(again, $"{Name}/{Large}", 0));
    }

    [Fact]
    public async Task What_another_snapshot_left_under_the_name_is_not_published_with_it()
    {
        await using var store = await OpenAsync();
        _files["keys/of-another"] = [1, 2, 3];
        await using (var cut = await store.UploadAsync(Upload(), default))
        {
            await cut.WriteAsync(Entry("keys/of-another"), default);
            await cut.WriteAsync(Entry(Large), default);
        }

        _files.Remove("keys/of-another");
        _files[Large] = RandomNumberGenerator.GetBytes(_files[Large].Length - 5);
        await PublishAsync(store);

        Assert.Equal(_files.Keys.Order(StringComparer.Ordinal), await FilesAsync(store, Name));
        Assert.Equal(_files[Large], await ReadAsync(store, $"{Name}/{Large}", 0));
    }

    [Theory]
    [InlineData(Large)]
    [InlineData("keys/sa.key")]
    public async Task A_source_that_is_not_what_its_manifest_says_is_refused_and_nothing_is_published(string path)
    {
        await using var store = await OpenAsync();
        await using var upload = await store.UploadAsync(
            Upload() with
            {
                Sum = p => p == path ? new string('0', 64) : Hex(_files[p]),
            },
            default
        );

        Assert.Equal("SnapshotAltered", (await Assert.ThrowsAsync<EtcdDrException>(() => upload.WriteAsync(Entry(path), default))).ErrorId);
        Assert.Null(await store.StatAsync(Name, default));
    }

    [Fact]
    public async Task A_source_that_becomes_shorter_while_it_is_read_is_refused()
    {
        await using var store = await OpenAsync();
        await using var upload = await store.UploadAsync(
            Upload() with
            {
                OpenAsync = (p, offset, _) => Task.FromResult(Open(_files[p][..^20], offset)),
                Sum = _ => null,
            },
            default
        );

        Assert.Equal(
            "SnapshotAltered",
            (await Assert.ThrowsAsync<EtcdDrException>(() => upload.WriteAsync(Entry(Large), default))).ErrorId
        );
    }

    [Fact]
    public async Task A_name_that_is_taken_stays_what_it_is()
    {
        await using var store = await OpenAsync();
        await PublishAsync(store);
        var before = _files[Large];
        _files[Large] = RandomNumberGenerator.GetBytes(before.Length);

        Assert.Equal("AlreadyExists", (await Assert.ThrowsAsync<EtcdDrException>(() => PublishAsync(store))).ErrorId);
        Assert.Equal(before, await ReadAsync(store, $"{Name}/{Large}", 0));
    }

    [Fact]
    public async Task A_bare_database_is_published_as_the_file_that_it_is()
    {
        await using var store = await OpenAsync();
        var content = _files[Large];
        _files.Clear();
        _files["old.db"] = content;

        await PublishAsync(store, Upload() with { Name = "old.db", IsFile = true });

        Assert.Equal(content.Length, await store.LengthAsync("old.db", default));
        Assert.Equal(["old.db"], (await store.ListDirectoryAsync(string.Empty, default)).Select(e => e.Name));
    }

    [Fact]
    public async Task A_snapshot_that_is_removed_goes_with_the_records_of_its_restores_and_alone()
    {
        await using var store = await OpenAsync();
        await PublishAsync(store);
        await PublishAsync(store, Upload() with { Name = "etcd_snapshot_2026-11-23_00-00-00" });
        await store.CreateDirectoryAsync($"{Name}/restore_attempted_x", default);
        await store.WriteWholeAsync($"{Name}/restore_attempted_x/journal.json", "{}"u8.ToArray(), default);

        await store.RemoveAsync(Name, [.. _files.Keys], default);

        Assert.Equal(["etcd_snapshot_2026-11-23_00-00-00"], (await store.ListDirectoryAsync(string.Empty, default)).Select(e => e.Name));
        Assert.Equal(_files.Keys.Order(StringComparer.Ordinal), await FilesAsync(store, "etcd_snapshot_2026-11-23_00-00-00"));
    }

    [Fact]
    public async Task What_a_cut_upload_left_is_found_and_removed_twice_without_harm()
    {
        await using var store = await OpenAsync();
        await PublishAsync(store, Upload() with { Name = "etcd_snapshot_2026-11-23_00-00-00" });
        await using (var cut = await store.UploadAsync(Upload(), default))
        {
            await cut.WriteAsync(Entry("keys/sa.key"), default);
        }

        var left = Assert.Single(await store.FindUnfinishedAsync(default));
        Assert.InRange(DateTime.UtcNow - left.LastChanged, TimeSpan.FromMinutes(-5), TimeSpan.FromMinutes(5));
        await store.RemoveUnfinishedAsync(left.Name, default);
        await store.RemoveUnfinishedAsync(left.Name, default);

        Assert.Empty(await store.FindUnfinishedAsync(default));
        Assert.NotNull(await store.StatAsync("etcd_snapshot_2026-11-23_00-00-00", default));
        await Assert.ThrowsAsync<ArgumentException>(() => store.RemoveUnfinishedAsync("etcd_snapshot_2026-11-23_00-00-00", default));
    }

    [Fact]
    public async Task Files_are_read_from_any_byte_on_and_summed_in_the_order_that_is_asked()
    {
        await using var store = await OpenAsync();
        await PublishAsync(store);

        Assert.Equal(_files[Large][1_500_001..], await ReadAsync(store, $"{Name}/{Large}", 1_500_001));
        Assert.Empty(await ReadAsync(store, $"{Name}/{Large}", _files[Large].Length));
        string[] paths = ["inventory/empty", Large, "keys/sa.key"];
        Assert.Equal(paths.Select(p => Hex(_files[p])), await store.Sha256Async([.. paths.Select(p => $"{Name}/{p}")], default));
        Assert.Equal(
            (_files[Large].Length, -1, null),
            (
                await store.LengthAsync($"{Name}/{Large}", default),
                await store.LengthAsync(Name, default),
                await store.LengthAsync("none", default)
            )
        );
    }

    [Fact]
    public async Task What_is_not_there_is_told_as_not_found()
    {
        await using var store = await OpenAsync();
        await store.CreateDirectoryAsync(string.Empty, default);

        Assert.Null(await store.StatAsync("none/at/all", default));
        Assert.Equal(
            EtcdDrErrorCategory.ObjectNotFound,
            (await Assert.ThrowsAsync<EtcdDrException>(() => ReadAsync(store, "none", 0))).Category
        );
        Assert.Equal(
            EtcdDrErrorCategory.ObjectNotFound,
            (await Assert.ThrowsAsync<EtcdDrException>(() => store.Sha256Async("none", default))).Category
        );
        await store.DeleteAsync("none", default);
    }

    [Fact]
    public async Task Small_files_are_replaced_whole_and_logs_grow()
    {
        await using var store = await OpenAsync();
        await store.CreateDirectoryAsync("s/a", default);
        await store.WriteWholeAsync("s/a/journal", "the first, which is longer"u8.ToArray(), default);
        await store.WriteWholeAsync("s/a/journal", "second"u8.ToArray(), default);
        await store.AppendAsync("s/a/log", "x"u8.ToArray(), default);
        await store.AppendAsync("s/a/log", "y"u8.ToArray(), default);
        await store.SyncAsync(["s/a/log"], default);

        Assert.Equal("second"u8.ToArray(), await ReadAsync(store, "s/a/journal", 0));
        Assert.Equal("xy"u8.ToArray(), await ReadAsync(store, "s/a/log", 0));
        Assert.Equal(["s/a/journal", "s/a/log"], (await store.ListDirectoryAsync("s/a", default)).Select(e => e.Path));
        await store.DeleteAsync("s", default);
        await store.DeleteAsync("s", default);
        Assert.Null(await store.StatAsync("s/a/log", default));
    }

    [Theory]
    [InlineData("../x")]
    [InlineData("a/../../x")]
    [InlineData("/etc/passwd")]
    [InlineData("a//b")]
    [InlineData("./a")]
    [InlineData("a\\b")]
    [InlineData("a\0b")]
    [InlineData("a\u001bb")]
    public async Task A_path_that_leaves_the_place_or_moves_the_cursor_is_refused(string path)
    {
        await using var store = await OpenAsync();
        foreach (
            var act in (Func<Task>[])
                [
                    () => store.StatAsync(path, default),
                    () => store.ListDirectoryAsync(path, default),
                    () => ReadAsync(store, path, 0),
                    () => store.Sha256Async(path, default),
                    () => store.WriteWholeAsync(path, default, default),
                    () => store.AppendAsync(path, default, default),
                    () => store.DeleteAsync(path, default),
                    () => store.CreateDirectoryAsync(path, default),
                ]
        )
        {
            Assert.Equal("PathOutsideStore", (await Assert.ThrowsAsync<EtcdDrException>(act)).ErrorId);
        }

        Assert.Equal(
            "PathOutsideStore",
            (await Assert.ThrowsAsync<EtcdDrException>(() => store.DeleteAsync(string.Empty, default))).ErrorId
        );
    }

    [Fact]
    public async Task What_is_made_can_be_read_by_its_owner_only()
    {
        await using var store = await OpenAsync();
        await PublishAsync(store);
        var modes = new List<UnixFileMode?>();
        await foreach (var entry in store.ListAsync(string.Empty, default))
        {
            modes.Add(entry.Mode);
        }

        const UnixFileMode others =
            UnixFileMode.GroupRead
            | UnixFileMode.GroupWrite
            | UnixFileMode.GroupExecute
            | UnixFileMode.OtherRead
            | UnixFileMode.OtherWrite
            | UnixFileMode.OtherExecute;
        Assert.All(modes, mode => Assert.Equal(UnixFileMode.None, (mode ?? UnixFileMode.None) & others));
    }

    [Fact]
    public async Task A_draft_counts_when_it_is_published_and_not_before_and_can_be_read_back()
    {
        await using var store = await OpenAsync();
        await using var draft = await store.DraftAsync(Name, default);
        Assert.NotNull(draft);
        await Task.WhenAll(_files.Keys.Where(p => p != SnapshotManifest.FileName).Select(p => DraftAsync(draft, p)));
        Assert.Null(await store.StatAsync(Name, default));
        var middle = new byte[100_000];
        await draft.ReadAsync(Large, 1_500_000, middle, default);
        Assert.Equal(_files[Large][1_500_000..1_600_000], middle);

        await draft.PublishAsync(_files[SnapshotManifest.FileName], default);

        await using var other = await OpenAsync();
        Assert.Equal(_files.Keys.Order(StringComparer.Ordinal), await FilesAsync(other, Name));
        Assert.Empty(await other.FindUnfinishedAsync(default));
        foreach (var (path, content) in _files)
        {
            Assert.Equal(content, await ReadAsync(other, $"{Name}/{path}", 0));
        }
    }

    [Fact]
    public async Task A_draft_that_is_given_up_leaves_nothing()
    {
        await using var store = await OpenAsync();
        await using (var draft = await store.DraftAsync(Name, default))
        {
            await DraftAsync(draft!, "keys/sa.key");
            await using var unfinished = await draft!.CreateAsync(Large, default);
            await unfinished.WriteAsync(_files[Large]);
        }

        Assert.Null(await store.StatAsync(Name, default));
        Assert.Empty(await store.FindUnfinishedAsync(default));
        await using var again = await store.DraftAsync(Name, default);
        Assert.NotNull(again);
    }

    [Fact]
    public async Task A_name_is_one_drafts_only()
    {
        await using var store = await OpenAsync();
        await using var draft = await store.DraftAsync(Name, default);
        await DraftAsync(draft!, Large);
        Assert.Null(await store.DraftAsync(Name, default));

        await draft!.PublishAsync(_files[SnapshotManifest.FileName], default);

        Assert.Null(await store.DraftAsync(Name, default));
    }

    [Fact]
    public async Task What_is_discarded_or_was_not_finished_is_no_part_of_the_snapshot()
    {
        await using var store = await OpenAsync();
        await using var draft = await store.DraftAsync(Name, default);
        await DraftAsync(draft!, "keys/sa.key");
        await DraftAsync(draft!, "inventory/empty");
        await DraftAsync(draft!, "nodes/m1/cni.tar.gz");
        await using (var unfinished = await draft!.CreateAsync("nodes/m1/kubelet.tar.gz", default))
        {
            await unfinished.WriteAsync(_files[Large]);
        }

        await draft.DiscardAsync("inventory", default);
        await draft.DiscardAsync("never/there", default);
        await draft.PublishAsync(_files[SnapshotManifest.FileName], default);

        Assert.Equal(["keys/sa.key", "nodes/m1/cni.tar.gz", SnapshotManifest.FileName], await FilesAsync(store, Name));
    }

    [Fact]
    public async Task Cancelling_leaves_nothing_that_counts()
    {
        await using var store = await OpenAsync();
        using var stop = new CancellationTokenSource();
        await using var upload = await store.UploadAsync(
            Upload() with
            {
                OpenAsync = (p, offset, _) => Task.FromResult<Stream>(new StoppingStream(_files[p], stop)),
            },
            default
        );

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => upload.WriteAsync(Entry(Large), stop.Token));

        Assert.Null(await store.StatAsync(Name, default));
    }

    private static string Hex(byte[] bytes) => Convert.ToHexString(SHA256.HashData(bytes)).ToLowerInvariant();

    private static Stream Open(byte[] content, long offset) =>
        new MemoryStream(content, writable: false) { Position = Math.Min(offset, content.Length) };

    private static async Task<byte[]> ReadAsync(ISnapshotStore store, string path, long offset)
    {
        await using var stream = await store.OpenReadAsync(path, offset, default);
        using var content = new MemoryStream();
        await stream.CopyToAsync(content);
        return content.ToArray();
    }

    private static async Task<List<string>> FilesAsync(ISnapshotStore store, string directory)
    {
        var files = new List<string>();
        await foreach (var entry in store.ListAsync(directory, default))
        {
            if (!entry.IsDirectory)
            {
                files.Add(entry.Path[(directory.Length + 1)..]);
            }
        }

        files.Sort(StringComparer.Ordinal);
        return files;
    }

    // In pieces, as a stream brings them.
    private async Task DraftAsync(ISnapshotDraft draft, string path)
    {
        await using var file = await draft.CreateAsync(path, default);
        foreach (var piece in _files[path].Chunk(700_001))
        {
            await file.WriteAsync(piece);
        }

        await file.FinishAsync(default);
    }

    private SnapshotUpload Upload() =>
        new()
        {
            Name = Name,
            Source = "/somewhere/" + Name,
            Files = [.. _files.Keys.Select(Entry)],
            OpenAsync = (path, offset, _) =>
            {
                lock (_opened)
                {
                    _opened.Add(path);
                }

                return Task.FromResult(Open(_files[path], offset));
            },
            Sum = path => Hex(_files[path]),
            Progress = new NoProgress(),
            BlockSize = 1024 * 1024,
        };

    private SnapshotStoreEntry Entry(string path) => new(path, IsDirectory: false, _files[path].Length, Mode: null, DateTime.UnixEpoch);

    private Task PublishAsync(ISnapshotStore store) => PublishAsync(store, Upload());

    private async Task PublishAsync(ISnapshotStore store, SnapshotUpload what)
    {
        await using var upload = await store.UploadAsync(what, default);
        await WriteAllAsync(upload);
        await upload.PublishAsync(default);
    }

    // As a copy does: the large one, and the small ones beside it.
    private Task WriteAllAsync(ISnapshotUpload upload) => Task.WhenAll(_files.Keys.Select(path => upload.WriteAsync(Entry(path), default)));

    private sealed class NoProgress : IUploadProgress
    {
        public void Add(long bytes) { }

        public void Step(string step) { }
    }

    // Cancels once half of it was read.
    private sealed class StoppingStream(byte[] content, CancellationTokenSource stop) : MemoryStream(content, writable: false)
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (Position > Length / 2)
            {
                await stop.CancelAsync();
            }

            cancellationToken.ThrowIfCancellationRequested();
            return Read(buffer.Span[..Math.Min(buffer.Length, 100_000)]);
        }
    }
}
