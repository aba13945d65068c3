using System.Collections.Concurrent;
using EtcdDr.Engine.Clusters;
using EtcdDr.Engine.Snapshots.Verification.Drill;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.Snapshots.Mounting;

/// <summary>A mount that this session holds: the run on the node that lives on its heartbeat, and the way to it.</summary>
internal sealed class LiveMount : IAsyncDisposable
{
    private static readonly ConcurrentDictionary<string, LiveMount> Held = new(StringComparer.Ordinal);
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(30);

    private readonly ClusterSession _session;
    private readonly DrillFeed _feed;
    private readonly CancellationTokenSource _giveUp;
    private readonly Lazy<Task> _closing;

    internal LiveMount(ClusterSession session, Task<CommandResult> running, DrillFeed feed, CancellationTokenSource giveUp)
    {
        (_session, Running, _feed, _giveUp) = (session, running, feed, giveUp);
        _closing = new Lazy<Task>(CloseAsync);
    }

    /// <summary>All of this session.</summary>
    internal static IReadOnlyList<EtcdSnapshotMount> All => [.. Held.Values.Select(m => m.Mount!).OrderBy(m => m.Started)];

    /// <summary>The run on the node.</summary>
    internal Task<CommandResult> Running { get; }

    /// <summary>The kubeconfig's directory; null before there is one.</summary>
    internal MountDirectory? Directory { get; set; }

    /// <summary>The port of this machine; null before there is one.</summary>
    internal IForwardedPort? Port { get; set; }

    /// <summary>What it is, once it serves.</summary>
    internal EtcdSnapshotMount? Mount { get; private set; }

    /// <summary>The one of an id; null where this session holds none.</summary>
    internal static LiveMount? Find(string id) => Held.GetValueOrDefault(id);

    /// <summary>It serves: from now on it outlives the command that made it, and goes when its run ends.</summary>
    internal void Keep(EtcdSnapshotMount mount)
    {
        Mount = mount;
        Held[mount.Id] = this;
        _ = Running.ContinueWith(_ => DisposeAsync().AsTask(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => new(_closing.Value);

    // The end of its input ends the run and makes it clean up. If it does not hear of that, it is ended by its tag, and cleans up too.
    private async Task CloseAsync()
    {
        if (Mount is { } mount)
        {
            Held.TryRemove(mount.Id, out _);
        }

        Directory?.Dispose();
        if (Port is not null)
        {
            await Port.DisposeAsync();
        }

        await _feed.EndAsync();
        await ((Task)Task.WhenAny(Running, Task.Delay(EndLimit))).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!Running.IsCompleted)
        {
            await _giveUp.CancelAsync();
        }

        await ((Task)Running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _feed.DisposeAsync();
        await _session.DisposeAsync();
        _giveUp.Dispose();
    }
}
