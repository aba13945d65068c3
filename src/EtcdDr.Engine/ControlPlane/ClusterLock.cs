using System.Globalization;
using EtcdDr.Engine.Clusters;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.ControlPlane;

/// <summary>
/// A lock on a cluster: one kernel lock on each control-plane node that answers, held by a remote process that lives on this operation's
/// heartbeat. It ends with the operation, the connection or this machine, whichever is first (at most 45 seconds later), so it cannot stay
/// behind.
/// </summary>
public sealed class ClusterLock : IAsyncDisposable
{
    private static readonly TimeSpan TakingLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ReleasingLimit = TimeSpan.FromSeconds(10);

    private readonly ClusterSession _session;
    private readonly LockMode _mode;
    private readonly string _id = Guid.NewGuid().ToString("N")[..12];
    private readonly string _words;
    private readonly List<Held> _held = [];

    private ClusterLock(ClusterSession session, LockMode mode, string purpose)
    {
        (_session, _mode) = (session, mode);
        var since = session.Context.Time.GetUtcNow().ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        _words = $"{purpose}, since {since}, by {Environment.UserName} on {Environment.MachineName} (process {Environment.ProcessId})";
    }

    /// <summary>Takes the lock on all given nodes or on none.</summary>
    /// <param name="session">The cluster.</param>
    /// <param name="nodes">Its control-plane nodes that answer; locked in the order of their names, so that two takers meet at the
    /// first.</param>
    /// <param name="mode">Shared or alone.</param>
    /// <param name="purpose">What for, in words, for example <c>restore of etcd_snapshot_...</c>.</param>
    /// <param name="breakOthers">Whether whoever holds it is ended, knowingly.</param>
    /// <param name="cancellationToken">Stops the attempt.</param>
    /// <exception cref="EtcdDrException"><c>ClusterLocked</c>: somebody else holds it; the message says who, since when, from
    /// where.</exception>
    public static async Task<ClusterLock> TakeAsync(
        ClusterSession session,
        IEnumerable<ClusterNode> nodes,
        LockMode mode,
        string purpose,
        bool breakOthers,
        CancellationToken cancellationToken
    )
    {
        var taken = new ClusterLock(session, mode, purpose);
        try
        {
            foreach (var node in nodes.OrderBy(n => n.Name, StringComparer.Ordinal))
            {
                var host = await session.HostAsync(node, cancellationToken);
                if (breakOthers)
                {
                    await BreakAsync(host, cancellationToken);
                }

                taken._held.Add(await taken.HoldAsync(node, host, cancellationToken));
            }

            return taken;
        }
        catch
        {
            await taken.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Makes sure that the lock is still held on every node, before something that must not be done without it. Where it was lost with its
    /// connection it is taken again.
    /// </summary>
    /// <param name="cancellationToken">Stops the attempt.</param>
    /// <exception cref="EtcdDrException"><c>ClusterLocked</c>: somebody else holds it by now. Also where a node cannot be
    /// reached.</exception>
    public async Task EnsureAsync(CancellationToken cancellationToken)
    {
        foreach (var lost in Lost())
        {
            await TakeAgainAsync(lost, cancellationToken);
        }
    }

    /// <summary>The same where a node that cannot be reached is no reason to stop: it is left without the lock, which nobody can take there
    /// either.</summary>
    /// <param name="except">Nodes that are not tried, because they are known to be away.</param>
    /// <param name="cancellationToken">Stops the attempt.</param>
    /// <exception cref="EtcdDrException"><c>ClusterLocked</c>: somebody else holds it by now.</exception>
    public async Task KeepAsync(IReadOnlySet<string> except, CancellationToken cancellationToken)
    {
        foreach (var lost in Lost().Where(h => !except.Contains(h.Node.Name)))
        {
            try
            {
                await TakeAgainAsync(lost, cancellationToken);
            }
            catch (EtcdDrException e) when (e.ErrorId != "ClusterLocked")
            {
                _session.Context.Sink.Verbose($"The lock on node '{lost.Node.Name}' could not be taken again: {e.Message}");
            }
        }
    }

    private List<Held> Lost() => [.. _held.Where(h => h.Holding.IsCompleted)];

    private async Task TakeAgainAsync(Held lost, CancellationToken cancellationToken)
    {
        _session.Context.Sink.Verbose($"The lock on node '{lost.Node.Name}' was lost with its connection; taking it again.");
        await lost.ReleaseAsync();
        if (lost.Holding.IsFaulted)
        {
            await _session.ForgetAsync(lost.Node);
        }

        var again = await HoldAsync(lost.Node, await _session.HostAsync(lost.Node, cancellationToken), cancellationToken);
        _held[_held.IndexOf(lost)] = again;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_held.Select(held => held.ReleaseAsync()));
        _held.Clear();
    }

    private async Task<Held> HoldAsync(ClusterNode node, IRemoteHost host, CancellationToken cancellationToken)
    {
        var heartbeat = new HeartbeatStream(_session.Context.Time);
        var modeName = _mode == LockMode.Shared ? "shared" : "exclusive";
        var holding = host.WriteAsync(LockCommands.Hold.With(modeName, _id, _words), heartbeat, CancellationToken.None);
        var held = new Held(node, heartbeat, holding);
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(TakingLimit);
            while (!holding.IsCompleted)
            {
                if ((await ReadHoldersAsync(host, limit.Token)).Any(h => h.Id == _id))
                {
                    return held;
                }

                await Task.WhenAny(holding, Task.Delay(50, limit.Token));
            }

            var result = await holding;
            throw result.ExitStatus == 75
                ? await RefusedAsync(host, cancellationToken)
                : new EtcdDrException(
                    "LockLost",
                    EtcdDrErrorCategory.ConnectionError,
                    Errors.LockLost.With(host.Name, _session.Cluster.Name),
                    Errors.LockLost_Action,
                    host.Name
                );
        }
        catch
        {
            await held.ReleaseAsync();
            throw;
        }
    }

    private async Task<EtcdDrException> RefusedAsync(IRemoteHost host, CancellationToken cancellationToken)
    {
        var holders = await ReadHoldersAsync(host, cancellationToken);
        var who = holders.Count == 0 ? Errors.ClusterLocked_Unknown_Part : string.Join("; ", holders.Select(h => h.Words));
        return new EtcdDrException(
            "ClusterLocked",
            EtcdDrErrorCategory.ResourceBusy,
            Errors.ClusterLocked.With(_session.Cluster.Name, host.Name, who),
            _mode == LockMode.Shared ? Errors.ClusterLocked_Shared_Action : Errors.ClusterLocked_Action,
            _session.Cluster.Name
        );
    }

    private static async Task BreakAsync(IRemoteHost host, CancellationToken cancellationToken)
    {
        foreach (var holder in await ReadHoldersAsync(host, cancellationToken))
        {
            await host.RunAsync(LockCommands.Break.With(holder.Id, holder.ProcessId), cancellationToken);
        }
    }

    private static async Task<IReadOnlyList<Holder>> ReadHoldersAsync(IRemoteHost host, CancellationToken cancellationToken)
    {
        var result = await host.RunAsync(LockCommands.Holders, cancellationToken);
        return result
            .Text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' ', 3))
            .Where(parts => parts.Length == 3)
            .Select(parts => new Holder(parts[0], parts[1], parts[2]))
            .ToList();
    }

    private sealed record Holder(string Id, string ProcessId, string Words);

    private sealed record Held(ClusterNode Node, HeartbeatStream Heartbeat, Task<CommandResult> Holding)
    {
        private Task? _released;

        /// <summary>Ends it, once: a lock that could not be taken again on a lost node is asked for, and closed, after that too.</summary>
        public Task ReleaseAsync() => _released ??= EndAsync();

        private async Task EndAsync()
        {
            await Heartbeat.EndAsync();

            // A holder that cannot be told (the node is away) loses the lock by itself when no heartbeat comes; nothing depends on its
            // answer.
            await ((Task)Task.WhenAny(Holding, Task.Delay(ReleasingLimit))).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (Holding.IsCompleted)
            {
                _ = Holding.Exception;
                await Heartbeat.DisposeAsync();
            }
        }
    }
}
