using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Snapshots;
using EtcdDr.Engine.Ssh;
using EtcdDr.Engine.Transfer;
using EtcdDr.Tests.Fakes;
using EtcdDr.Tests.Snapshots;
using EtcdDr.Tests.Ssh;

namespace EtcdDr.Tests.Transfer;

/// <summary>Copies over a real sshd.</summary>
[Trait("Category", "Lab")]
public sealed class CopySnapshotOverSshTests : IClassFixture<SshServerFixture>, IDisposable
{
    private const int Large = 20 * 1024 * 1024;
    private const string Name = "etcd_snapshot_2026-11-22_23-53-31";

    private readonly SshServer _server;
    private readonly TempDirectory _temp = new();
    private readonly RecordingSink _sink = new();
    private readonly OperationContext _context;
    private readonly SshHostFactory _hosts = new();
    private readonly string _directory;

    public CopySnapshotOverSshTests(SshServerFixture fixture)
    {
        _server = fixture.Server;
        _context = new OperationContext(_sink);
        _directory = Path.Combine(_server.Root, "home", SshServer.Operator, Guid.NewGuid().ToString("N"));
    }

    public void Dispose() => _temp.Dispose();

    [Fact]
    public async Task A_snapshot_goes_there_and_back_byte_for_byte()
    {
        var source = SnapshotSamples.WriteOwn(_temp.At("source"), dbSize: Large);
        var there = await CopyAsync(await GetAsync(source), Remote());
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite,
            File.GetUnixFileMode(Path.Combine(_directory, Name, "keys", "sa.key"))
        );
        Assert.Equal((UnixFileMode)0x1c0, File.GetUnixFileMode(Path.Combine(_directory, Name, "keys")));

        var back = await CopyAsync(there, new CopyDestination(new SnapshotLocation(_temp.At("back")), null));

        await using var reader = await SnapshotReader.OpenAsync(back, _hosts, _context, CancellationToken.None);
        await reader.VerifySumsAsync(null, CancellationToken.None);
        var found = await new SnapshotCatalog(_hosts, _context).FindAsync(Remote().Location, _server.Settings(), CancellationToken.None);
        Assert.Equal(Name, Assert.Single(found).Name);
    }

    [Fact]
    public async Task A_cut_copy_with_a_flipped_byte_is_put_right()
    {
        var source = SnapshotSamples.WriteOwn(_temp.At("source"), dbSize: Large);
        var snapshot = await GetAsync(source);
        await CopyAsync(snapshot, Remote());
        var partial = Path.Combine(_directory, SnapshotNames.PartialOf(Name));
        Directory.Move(Path.Combine(_directory, Name), partial);
        await using (var file = File.OpenWrite(Path.Combine(partial, "etcd-snapshot.db")))
        {
            file.SetLength((long)(Large * 0.7));
            file.Position = (9 * 1024 * 1024) + 1;
            file.Write([1, 2, 3]);
        }

        var copy = await CopyAsync(snapshot, Remote());

        await using var reader = await SnapshotReader.OpenAsync(copy, _hosts, _context, CancellationToken.None);
        await reader.VerifySumsAsync(null, CancellationToken.None);
    }

    [Fact]
    public async Task A_directory_of_somebody_else_is_an_error_that_names_it()
    {
        var snapshot = await GetAsync(SnapshotSamples.WriteOwn(_temp.At("source")));

        var error = await Assert.ThrowsAsync<EtcdDrException>(() =>
            CopyAsync(snapshot, Remote() with { Location = SnapshotLocation.Parse("127.0.0.1:/usr/etcddr-no") })
        );

        Assert.Equal("DestinationNotWritable", error.ErrorId);
        Assert.Contains("/usr/etcddr-no", error.Message, StringComparison.Ordinal);
    }

    private CopyDestination Remote() => new(SnapshotLocation.Parse($"{SshServer.Operator}@127.0.0.1:{_directory}"), _server.Settings());

    private Task<EtcdSnapshot> GetAsync(string path) =>
        new SnapshotCatalog(_hosts, _context).GetAsync(SnapshotLocation.Parse(path), null, CancellationToken.None);

    private async Task<EtcdSnapshot> CopyAsync(EtcdSnapshot snapshot, CopyDestination destination)
    {
        EtcdSnapshot? copy = null;
        await new CopySnapshotOperation(_hosts, _context).RunAsync(snapshot, [destination], s => copy = s, CancellationToken.None);
        return copy!;
    }
}
