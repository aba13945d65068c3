using EtcdDr.Engine.Clusters;
using EtcdDr.Engine.ControlPlane;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Ssh;
using EtcdDr.Tests.Fakes;
using EtcdDr.Tests.Snapshots;

namespace EtcdDr.Tests.ControlPlane;

/// <summary>A cluster's lock whose node loses its power.</summary>
public sealed class ClusterLockTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly RecordingSink _sink = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_node_that_loses_its_power_is_left_without_the_lock_and_the_operation_ends_as_it_would()
    {
        var host = new LocalHost("cp1")
        {
            Rewrite = command => command with { Script = command.Script.Replace("/run/etcddr", _directory.Path, StringComparison.Ordinal) },
        };
        var cluster = new EtcdCluster
        {
            Name = "test",
            Kubeconfig = _directory.At("none.conf"),
            Context = "none",
            Server = new Uri("https://127.0.0.1:6443"),
        };
        await using var session = new ClusterSession(cluster, new OperationContext(_sink), new ReachedOnce(host));
        var node = new ClusterNode("cp1", NodeRole.ControlPlane, "127.0.0.1");
        var taken = await ClusterLock.TakeAsync(session, [node], LockMode.Exclusive, "a restore", breakOthers: false, default);
        var holder = (await host.RunAsync(LockCommands.Holders, default)).Text.Split(' ');
        await host.RunAsync(LockCommands.Break.With(holder[0], holder[1]), default);
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
