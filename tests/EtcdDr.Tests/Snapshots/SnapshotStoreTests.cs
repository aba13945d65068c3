using System.Security.Cryptography;
using EtcdDr.Engine.Snapshots.Places;
using EtcdDr.Engine.Snapshots.Places.Directories;
using EtcdDr.Engine.Snapshots.Places.Directories.Local;
using EtcdDr.Engine.Snapshots.Places.Directories.Sftp;

namespace EtcdDr.Tests.Snapshots;

public sealed class SnapshotStoreTests : IDisposable
{
    private readonly TempDirectory _temp = new();

    public void Dispose() => _temp.Dispose();

    [Theory]
    [InlineData("local")]
    [InlineData("sftp")]
    [InlineData("sftp without a shell")]
    public async Task A_store_writes_reads_hashes_renames_and_deletes(string kind)
    {
        await using var store = await OpenAsync(kind);
        var bytes = RandomNumberGenerator.GetBytes((3 * 1024 * 1024) + 17);

        await store.CreateDirectoryAsync("a/b", CancellationToken.None);
        await store.WriteAsync("a/b/file", new MemoryStream(bytes[..100_000]), 0, null, CancellationToken.None);
        await store.WriteAsync("a/b/file", new MemoryStream(bytes[50_000..]), 50_000, null, CancellationToken.None);
        await store.WriteWholeAsync("a/small", "one"u8.ToArray(), CancellationToken.None);
        await store.WriteWholeAsync("a/small", "two"u8.ToArray(), CancellationToken.None);
        await store.AppendAsync("a/log", "x"u8.ToArray(), CancellationToken.None);
        await store.AppendAsync("a/log", "y"u8.ToArray(), CancellationToken.None);

        Assert.Equal(bytes.Length, await store.LengthAsync("a/b/file", CancellationToken.None));
        Assert.Equal(-1, await store.LengthAsync("a/b", CancellationToken.None));
        Assert.Null(await store.LengthAsync("a/none", CancellationToken.None));
        Assert.Equal(Hex(bytes), await store.Sha256Async("a/b/file", CancellationToken.None));
        const int mib = 1024 * 1024;
        Assert.Equal(
            [Hex(bytes[mib..(2 * mib)]), Hex(bytes[(2 * mib)..(3 * mib)]), Hex(bytes[(3 * mib)..]), Hex([])],
            await store.BlockSumsAsync("a/b/file", mib, mib, 4, CancellationToken.None)
        );
        Assert.Equal("two", await File.ReadAllTextAsync(Path.Combine(Real(store), "a/small")));
        Assert.Equal("xy", await File.ReadAllTextAsync(Path.Combine(Real(store), "a/log")));

        await store.RenameAsync("a/b", "c", CancellationToken.None);
        var names = new List<string>();
        await foreach (var entry in store.ListAsync(string.Empty, CancellationToken.None))
        {
            names.Add(entry.Path);
        }

        Assert.Equal(["a", "a/log", "a/small", "c", "c/file"], names);
        await store.DeleteAsync("a", CancellationToken.None);
        Assert.False(Directory.Exists(Path.Combine(Real(store), "a")));
    }

    [Fact]
    public async Task A_directory_that_others_make_at_the_same_moment_is_no_failure()
    {
        // Three nodes' archives go into one directory: the drill with 1 GiB had all of them ask for it at once.
        var host = new DirectoryHost("dr", _temp.Path) { OthersAreFirst = true };
        await using var store = await SftpSnapshotStore.OpenAsync(host, "/store", ownsHost: true, CancellationToken.None);

        await store.CreateDirectoryAsync("a/b", CancellationToken.None);

        Assert.Equal(-1, await store.LengthAsync("a/b", CancellationToken.None));
    }

    [Theory]
    [InlineData("local")]
    [InlineData("sftp")]
    public async Task A_rename_over_something_is_refused(string kind)
    {
        await using var store = await OpenAsync(kind);
        await store.CreateDirectoryAsync(string.Empty, CancellationToken.None);
        await store.WriteWholeAsync("a", "1"u8.ToArray(), CancellationToken.None);
        await store.WriteWholeAsync("b", "2"u8.ToArray(), CancellationToken.None);

        var error = await Assert.ThrowsAsync<EtcdDrException>(() => store.RenameAsync("a", "b", CancellationToken.None));

        Assert.Equal("AlreadyExists", error.ErrorId);
        Assert.Equal("2", await File.ReadAllTextAsync(Path.Combine(Real(store), "b")));
    }

    [Theory]
    [InlineData("../x")]
    [InlineData("a/../../x")]
    [InlineData("/etc/passwd")]
    [InlineData("a//b")]
    [InlineData("./a")]
    [InlineData("a\\b")]
    [InlineData("a\0b")]
    [InlineData("a\nb")]
    public async Task A_path_that_leaves_the_store_is_refused(string path)
    {
        foreach (var kind in (string[])["local", "sftp"])
        {
            await using var store = await OpenAsync(kind);
            Assert.Equal(
                "PathOutsideStore",
                (await Assert.ThrowsAsync<EtcdDrException>(() => store.OpenReadAsync(path, 0, CancellationToken.None))).ErrorId
            );
            Assert.Equal(
                "PathOutsideStore",
                (await Assert.ThrowsAsync<EtcdDrException>(() => store.WriteWholeAsync(path, default, CancellationToken.None))).ErrorId
            );
        }
    }

    [Theory]
    [InlineData("local")]
    [InlineData("sftp")]
    public async Task A_link_in_the_store_is_never_followed(string kind)
    {
        await using var store = await OpenAsync(kind);
        await store.CreateDirectoryAsync("s", CancellationToken.None);
        var outside = Directory.CreateDirectory(_temp.At("outside")).FullName;
        await File.WriteAllTextAsync(Path.Combine(outside, "secret"), "x");
        Directory.CreateSymbolicLink(Path.Combine(Real(store), "s", "out"), outside);
        File.CreateSymbolicLink(Path.Combine(Real(store), "s", "file"), Path.Combine(outside, "secret"));

        // Where links on the way lead is the server's to say: see the tests of real SFTP.
        foreach (var path in kind == "local" ? (string[])["s/out/secret", "s/file"] : ["s/file"])
        {
            Assert.Equal(
                "PathOutsideStore",
                (await Assert.ThrowsAsync<EtcdDrException>(() => store.OpenReadAsync(path, 0, CancellationToken.None))).ErrorId
            );
            Assert.Equal(
                "PathOutsideStore",
                (
                    await Assert.ThrowsAsync<EtcdDrException>(() =>
                        store.WriteAsync(path, new MemoryStream([1]), 0, null, CancellationToken.None)
                    )
                ).ErrorId
            );
        }

        Assert.True((await store.StatAsync("s/file", CancellationToken.None))!.IsLink);
        await store.DeleteAsync("s", CancellationToken.None);
        Assert.Equal("x", await File.ReadAllTextAsync(Path.Combine(outside, "secret")));
    }

    [Fact]
    public async Task A_full_destination_is_named_even_where_sftp_only_says_failure()
    {
        var host = new DirectoryHost("dr", _temp.Path) { FreeBytes = 0 };
        await using var store = await SftpSnapshotStore.OpenAsync(host, "/s", ownsHost: false, CancellationToken.None);
        await store.CreateDirectoryAsync(string.Empty, CancellationToken.None);

        var error = await Assert.ThrowsAsync<EtcdDrException>(() =>
            store.WriteAsync("f", new FailingStream(), 0, null, CancellationToken.None)
        );

        Assert.Equal("DestinationFull", error.ErrorId);
        Assert.Contains("dr:/s/f", error.Message, StringComparison.Ordinal);
    }

    private static string Hex(byte[] bytes) => Convert.ToHexString(SHA256.HashData(bytes)).ToLowerInvariant();

    private string Real(DirectoryStore store) => store is LocalSnapshotStore ? store.Root : _temp.Path + store.Root;

    private async Task<DirectoryStore> OpenAsync(string kind) =>
        kind == "local"
            ? new LocalSnapshotStore(_temp.At("store"))
            : await SftpSnapshotStore.OpenAsync(
                new DirectoryHost("dr", _temp.Path) { HasShell = kind == "sftp" },
                "/store",
                ownsHost: true,
                CancellationToken.None
            );

    private sealed class FailingStream : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            throw new IOException("Failure");
    }
}
