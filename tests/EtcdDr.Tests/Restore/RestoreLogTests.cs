using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Restore;
using EtcdDr.Engine.Snapshots.Places.Directories.Local;
using EtcdDr.Engine.Snapshots.Places.Directories.Sftp;
using EtcdDr.Tests.Fakes;
using EtcdDr.Tests.Snapshots;

namespace EtcdDr.Tests.Restore;

public sealed class RestoreLogTests : IDisposable
{
    private readonly TempDirectory _temp = new();
    private readonly RecordingSink _sink = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public async Task A_log_on_an_SSH_host_does_not_log_that_it_is_written()
    {
        // Each line was brought to disk with a command of its own, which was the next line: the log of a restore grew by ten lines a second
        // as long as it ran.
        var host = new DirectoryHost("dr", _temp.Path);
        await using var store = await SftpSnapshotStore.OpenAsync(host, "/store", ownsHost: false, CancellationToken.None);
        await store.CreateDirectoryAsync("attempt", CancellationToken.None);

        await using (var log = new RestoreLog(store, "attempt", new OperationContext(_sink)))
        {
            host.Ran = name => log.Add(Record(name));
            log.Add("INFO", "Begun.");
            log.Add(Record("controlplane.hold"));
            await WrittenAsync("attempt/restore.log");
            await WrittenAsync("attempt/etcd_op.log");
            Assert.Empty(host.Commands);
        }

        Assert.Single(host.Commands, name => name == "snapshot.sync");
        Assert.Equal(
            ["controlplane.hold"],
            (await File.ReadAllLinesAsync(RealPath("attempt/etcd_op.log"))).Select(line => line.Split(' ')[3])
        );
        Assert.Empty(_sink.Warnings);
    }

    [Fact]
    public async Task A_log_that_cannot_be_written_is_told_once_at_the_end()
    {
        await using var store = new LocalSnapshotStore(_temp.At("store"));

        await using (var log = new RestoreLog(store, "attempt", new OperationContext(_sink)))
        {
            log.Add("INFO", "Begun.");
            log.Add(Record("controlplane.hold"));
        }

        var warning = Assert.Single(_sink.Warnings);
        Assert.Contains("'attempt'", warning, StringComparison.Ordinal);
        Assert.Contains("journals on its nodes", warning, StringComparison.Ordinal);
    }

    private static RemoteCommandRecord Record(string name) =>
        new(DateTimeOffset.UnixEpoch, TimeSpan.Zero, "cp1", name, [], AsRoot: true, 0, null);

    private string RealPath(string path) => _temp.At($"store/{path}");

    private async Task WrittenAsync(string path)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (!File.Exists(RealPath(path)) || new FileInfo(RealPath(path)).Length == 0)
        {
            await Task.Delay(5, limit.Token);
        }
    }
}
