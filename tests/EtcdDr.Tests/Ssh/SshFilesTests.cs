using System.Security.Cryptography;
using EtcdDr.Engine.Snapshots;
using EtcdDr.Engine.Snapshots.Places;
using EtcdDr.Engine.Snapshots.Places.Directories.Sftp;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Tests.Ssh;

/// <summary>Files against a real SFTP server.</summary>
[Trait("Category", "Lab")]
public sealed class SshFilesTests : IClassFixture<SshServerFixture>, IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly SshServer _server;
    private readonly string _directory;
    private IRemoteHost _host = null!;
    private IRemoteFiles _files = null!;

    public SshFilesTests(SshServerFixture fixture)
    {
        _server = fixture.Server;
        _directory = Path.Combine(_server.Root, "home", SshServer.Operator, Guid.NewGuid().ToString("N"));
    }

    public async Task InitializeAsync()
    {
        _host = await _server.ConnectAsync();
        _files = await _host.OpenFilesAsync(None);
        await _files.CreateDirectoryAsync(_directory, None);
    }

    public async Task DisposeAsync()
    {
        await _files.DisposeAsync();
        await _host.DisposeAsync();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(32739)]
    [InlineData(5_000_001)]
    public async Task What_is_written_is_what_is_read(int size)
    {
        var bytes = RandomNumberGenerator.GetBytes(size);
        await WriteAsync("file", bytes);
        Assert.Equal(bytes, await ReadAsync("file", 0));
        Assert.Equal(size, (await _files.StatAsync(At("file"), None))!.Size);
    }

    [Fact]
    public async Task Reading_and_writing_go_on_from_an_offset()
    {
        var bytes = RandomNumberGenerator.GetBytes(3_000_000);
        await WriteAsync("file", bytes[..1_000_000]);
        var steps = new List<long>();
        using var rest = new MemoryStream(bytes[1_000_000..]);
        await _files.WriteAsync(At("file"), rest, 1_000_000, new Steps(steps), None);
        Assert.Equal(bytes, await ReadAsync("file", 0));
        Assert.Equal(bytes[2_500_000..], await ReadAsync("file", 2_500_000));
        Assert.Equal(3_000_000, steps[^1]);
        Assert.Equal(steps.Order(), steps);
    }

    [Fact]
    public async Task Writing_cuts_off_what_was_there_beyond_the_offset()
    {
        await WriteAsync("file", new byte[100_000]);
        await WriteAsync("file", [1, 2, 3]);
        Assert.Equal([1, 2, 3], await ReadAsync("file", 0));
    }

    [Fact]
    public async Task Directories_and_files_are_their_owners_alone()
    {
        await WriteAsync("file", [1]);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, (await _files.StatAsync(At("file"), None))!.Mode);
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute,
            (await _files.StatAsync(_directory, None))!.Mode
        );
    }

    [Fact]
    public async Task What_is_not_there_is_null_and_a_link_is_told()
    {
        Assert.Null(await _files.StatAsync(At("nothing"), None));
        Directory.CreateSymbolicLink(At("link"), _directory);
        File.CreateSymbolicLink(At("dangling"), At("nothing"));
        Assert.Equal(_directory, (await _files.StatAsync(At("link"), None))!.RealPath);
        Assert.Equal(["dangling", "link"], (await _files.ListAsync(_directory, None)).Where(f => f.IsLink).Select(f => f.Name).Order());
        Assert.False((await _files.StatAsync(_directory, None))!.IsLink);
    }

    [Fact]
    public async Task A_link_in_a_store_is_never_followed()
    {
        var outside = Directory.CreateDirectory(At("outside")).FullName;
        await File.WriteAllTextAsync(Path.Combine(outside, "secret"), "x");
        var root = At("root");
        await _files.CreateDirectoryAsync(root, None);
        Directory.CreateSymbolicLink(At("store"), root);
        Directory.CreateSymbolicLink(Path.Combine(root, "out"), outside);
        File.CreateSymbolicLink(Path.Combine(root, "file"), Path.Combine(outside, "secret"));
        await using var store = await SftpSnapshotStore.OpenAsync(_host, At("store"), ownsHost: false, None);
        foreach (var path in (string[])["out/secret", "file"])
        {
            await RefusedAsync(() => store.OpenReadAsync(path, 0, None));
            await RefusedAsync(() => store.Sha256Async(path, None));
            await RefusedAsync(() => store.WriteAsync(path, new MemoryStream([1]), 0, null, None));
        }

        var listed = new List<SnapshotStoreEntry>();
        await foreach (var entry in store.ListAsync(string.Empty, None))
        {
            listed.Add(entry);
        }

        Assert.All(listed, e => Assert.True(e.IsLink));
        Assert.Equal(["file", "out"], listed.Select(e => e.Path));
        await store.DeleteAsync("out", None);
        Assert.Equal("x", await File.ReadAllTextAsync(Path.Combine(outside, "secret")));

        static async Task RefusedAsync(Func<Task> act) =>
            Assert.Equal("PathOutsideStore", (await Assert.ThrowsAsync<EtcdDrException>(act)).ErrorId);
    }

    [Fact]
    public async Task Renaming_spares_what_is_there_and_replacing_does_not()
    {
        await WriteAsync("one", [1]);
        await WriteAsync("two", [2]);
        await Assert.ThrowsAsync<EtcdDrException>(() => _files.RenameAsync(At("one"), At("two"), None));
        Assert.Equal([2], await ReadAsync("two", 0));
        await _files.ReplaceAsync(At("one"), At("two"), None);
        Assert.Equal([1], await ReadAsync("two", 0));
        await _files.RenameAsync(At("two"), At("three"), None);
        Assert.Equal("three", Assert.Single(await _files.ListAsync(_directory, None)).Name);
    }

    [Fact]
    public async Task Deleting_files_and_directories_works_and_tells_what_is_missing()
    {
        await WriteAsync("file", [1]);
        await _files.DeleteFileAsync(At("file"), None);
        await _files.DeleteDirectoryAsync(_directory, None);
        Assert.Equal(
            "RemotePathNotFound",
            (await Assert.ThrowsAsync<EtcdDrException>(() => _files.DeleteFileAsync(At("file"), None))).ErrorId
        );
    }

    [Fact]
    public async Task A_place_that_may_not_be_written_is_named()
    {
        using var source = new MemoryStream([1]);
        var failure = await Assert.ThrowsAsync<EtcdDrException>(() => _files.WriteAsync("/etc/etcddr-not-mine", source, 0, null, None));
        Assert.Equal(("RemotePermissionDenied", EtcdDrErrorCategory.PermissionDenied), (failure.ErrorId, failure.Category));
        Assert.Contains("node1:/etc/etcddr-not-mine", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_full_disk_is_a_write_error()
    {
        var small = await MountSmallDiskAsync();
        using var source = new MemoryStream(new byte[4 * 1024 * 1024]);
        var failure = await Assert.ThrowsAsync<EtcdDrException>(() => _files.WriteAsync(small + "/file", source, 0, null, None));
        Assert.Equal(EtcdDrErrorCategory.WriteError, failure.Category);
        Assert.True(await _files.FreeBytesAsync(small, None) < 1024 * 1024);
    }

    [Fact]
    public async Task Free_space_is_what_the_file_system_says()
    {
        var small = await MountSmallDiskAsync();
        Assert.InRange((await _files.FreeBytesAsync(small, None))!.Value, 900_000, 1024 * 1024);
    }

    private async Task<string> MountSmallDiskAsync()
    {
        var place = At("small");
        await _files.CreateDirectoryAsync(place, None);
        await _host.RunAsync(new RemoteCommand("test.mount", "mount -t tmpfs -o size=1m,mode=1777 none \"$1\"").With(place), None);
        return place;
    }

    private string At(string name) => $"{_directory}/{name}";

    private async Task WriteAsync(string name, byte[] bytes)
    {
        using var source = new MemoryStream(bytes);
        await _files.WriteAsync(At(name), source, 0, null, None);
    }

    private async Task<byte[]> ReadAsync(string name, long offset)
    {
        await using var stream = await _files.OpenReadAsync(At(name), offset, None);
        using var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes);
        return bytes.ToArray();
    }

    private sealed class Steps(List<long> steps) : IProgress<long>
    {
        public void Report(long value) => steps.Add(value);
    }
}
