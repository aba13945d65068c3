using EtcdDr.Engine.Clusters;
using EtcdDr.Engine.ControlPlane;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Restore;
using EtcdDr.Engine.Snapshots.Places.Directories.Local;
using EtcdDr.Engine.Ssh;
using EtcdDr.Tests.Fakes;
using EtcdDr.Tests.Restore;
using EtcdDr.Tests.Snapshots;

namespace EtcdDr.Tests.ControlPlane;

/// <summary>A cluster's lock whose node loses its power.</summary>
public sealed class ClusterLockTests : IDisposable
{
    private static readonly ClusterNode Node = new("cp1", NodeRole.ControlPlane, "127.0.0.1");

    private readonly TempDirectory _directory = new();
    private readonly RecordingSink _sink = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_node_that_loses_its_power_is_left_without_the_lock_and_the_operation_ends_as_it_would()
    {
        var host = Host();
        await using var session = Session(new ReachedOnce(host));
        var taken = await ClusterLock.TakeAsync(session, [Node], LockMode.Exclusive, "a restore", breakOthers: false, default);
        await BreakAsync(host);
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        var told = 0;
        while ((told = _sink.VerboseMessages.Count(m => m.Contains("could not be taken again", StringComparison.Ordinal))) == 0)
        {
            await taken.KeepAsync(new HashSet<string>(), default);
            await Task.Delay(10, limit.Token);
        }

        await taken.KeepAsync(new HashSet<string>(), default);
        await taken.DisposeAsync();

        Assert.Equal(told + 1, _sink.VerboseMessages.Count(m => m.Contains("could not be taken again", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task On_the_way_back_no_step_is_begun_while_somebody_else_holds_the_lock()
    {
        var host = Host();
        await using var session = Session(new LocalHostFactory(host));
        await using var taken = await ClusterLock.TakeAsync(session, [Node], LockMode.Exclusive, "an undoing", breakOthers: false, default);
        await BreakAsync(host);
        await using var other = Session(new LocalHostFactory(host));
        await using var theirs = await ClusterLock.TakeAsync(other, [Node], LockMode.Exclusive, "a restore", breakOthers: false, default);
        var context = new OperationContext(_sink);
        var journal = new RestoreJournalFile(
            new LocalSnapshotStore(_directory.Path),
            "attempt/journal.json",
            JournalSample.Journal with
            {
                Cluster = "test",
            },
            context
        );
        var run = new RestoreRun(session, context, journal, [], new RestoreOptions(), "Undo") { Lock = taken };
        var steps = new TolerantSteps(run, "Undo", (_, why) => why, _ => { });

        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        EtcdDrException? refused = null;
        while (refused is null)
        {
            // The lock is found lost when the run that held it has told its end.
            await Task.Delay(10, limit.Token);
            refused =
                await Record.ExceptionAsync(() => steps.RunAsync("stop-etcd", [], (_, _) => Task.CompletedTask, limit.Token))
                as EtcdDrException;
        }

        Assert.Equal("ClusterLocked", refused.ErrorId);
        Assert.Contains("a restore", refused.Message, StringComparison.Ordinal);
    }

    private static async Task BreakAsync(LocalHost host)
    {
        var holder = (await host.RunAsync(LockCommands.Holders, default)).Text.Split(' ');
        await host.RunAsync(LockCommands.Break.With(holder[0], holder[1]), default);
    }

    private LocalHost Host() =>
        new("cp1")
        {
            Rewrite = command => command with { Script = command.Script.Replace("/run/etcddr", _directory.Path, StringComparison.Ordinal) },
        };

    private ClusterSession Session(IRemoteHostFactory hosts)
    {
        var cluster = new EtcdCluster
        {
            Name = "test",
            Kubeconfig = _directory.At("none.conf"),
            Context = "none",
            Server = new Uri("https://127.0.0.1:6443"),
        };
        return new ClusterSession(cluster, new OperationContext(_sink), hosts);
    }

    private sealed class ReachedOnce(LocalHost host) : IRemoteHostFactory
    {
        private int _asked;

        public Task<IRemoteHost> ConnectAsync(
            string name,
            string address,
            SshSettings settings,
            OperationContext context,
            CancellationToken cancellationToken
        ) =>
            _asked++ == 0
                ? Task.FromResult<IRemoteHost>(host)
                : throw new EtcdDrException("HostUnreachable", EtcdDrErrorCategory.ConnectionError, $"{name} is away.", "Wait.", name);
    }
}
