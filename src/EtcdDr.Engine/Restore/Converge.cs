using System.Globalization;
using EtcdDr.Engine.Etcd;
using EtcdDr.Engine.Kube;

namespace EtcdDr.Engine.Restore;

/// <summary>
/// Brings nodes and workloads in line with the state that serves now, by independent steps: checks etcd, removes what belongs to the source
/// cluster, restarts what must start anew, and waits, in the open, until all is ready or the time is over. Nothing that one object or one
/// step fails of keeps the others from theirs; it is told among what is not ready.
/// </summary>
internal sealed class Converge : IAsyncDisposable
{
    // What must be done once is tried so long, also where nobody wants to wait for workloads.
    private static readonly TimeSpan ShortestTry = TimeSpan.FromSeconds(30);
    private const int MostWarnings = 10;
    private static readonly TimeSpan RetryRefused = TimeSpan.FromSeconds(5);

    private readonly RestoreRun _run;
    private readonly KubeApi _api;
    private readonly IReadOnlyList<ClusterNode> _nodes;
    private readonly string _phase;
    private readonly DateTimeOffset _deadline;
    private readonly Readiness _readiness;
    private readonly Recycling _recycling;
    private IReadOnlyList<RestoreNotReady> _left = [];
    private int _cleaned;

    /// <param name="run">The control-plane nodes.</param>
    /// <param name="api">The API.</param>
    /// <param name="nodes">All nodes.</param>
    /// <param name="phase">Name of the phase in journals and reports.</param>
    public Converge(RestoreRun run, KubeApi api, IReadOnlyList<ClusterNode> nodes, string phase)
    {
        (_run, _api, _nodes, _phase) = (run, api, nodes, phase);
        var time = run.Context.Time;
        _deadline = time.GetUtcNow() + ConvergeBudget.Whole(run.Options.ConvergeTimeout, nodes.Count);
        _readiness = new Readiness(api, nodes, run.Lost, time);
        _recycling = new Recycling(
            api,
            run.Session.Cluster.Recycle,
            time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            _readiness,
            () => ConvergeBudget.Rank(_deadline - time.GetUtcNow(), nodes.Count),
            run.Context
        );
    }

    /// <summary>HashKV that the members agree on; null where that was not found.</summary>
    public long? HashKv { get; private set; }

    /// <summary>Cluster id of the members; null where that was not found.</summary>
    public string? ClusterId { get; private set; }

    /// <summary>What of the restored state does not fit the nodes.</summary>
    public IReadOnlyList<RestoreFinding> Findings { get; private set; } = [];

    /// <summary>Carries it out.</summary>
    /// <returns>What was not ready when the time was over, and the steps that failed.</returns>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public async Task<IReadOnlyList<RestoreNotReady>> RunAsync(CancellationToken cancellationToken)
    {
        var time = _run.Context.Time;
        var whole = _deadline - time.GetUtcNow();
        _readiness.Start();
        var failed = await ConvergeSteps.RunAsync(
            [.. Steps()],
            (name, work, ct) => _run.OnceAsync(_phase, name, work, ct),
            time,
            whole > ShortestTry ? whole : ShortestTry,
            cancellationToken
        );
        return [.. failed.Select(f => new RestoreNotReady("Step", null, f.Key, f.Value.Message)), .. _left];
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _readiness.DisposeAsync();

    // Only a state that was just started is as it was restored; on a later run its controllers have gone over it.
    private IEnumerable<ConvergeStep> Steps()
    {
        if (_run.ApiStopped is not null)
        {
            yield return new ConvergeStep(StepNames.Remember, [], RememberAsync);
        }

        yield return new ConvergeStep(StepNames.CheckEtcd, [], CheckEtcdAsync);
        yield return new ConvergeStep(StepNames.CleanState, [], CleanStateAsync);
        yield return new ConvergeStep(StepNames.CompareNodes, [], CompareNodesAsync);
        if (_run.Options.Quiesce)
        {
            yield return new ConvergeStep(StepNames.HoldCronJobs, [], HoldCronJobsAsync);
            yield break;
        }

        yield return new ConvergeStep(StepNames.OwnAuthority, [StepNames.CleanState], OwnAuthorityAsync);
        if (_run.Session.Cluster.Recycle.Kubelets)
        {
            yield return new ConvergeStep(
                StepNames.RestartKubelets,
                [StepNames.Remember, StepNames.OwnAuthority, StepNames.CompareNodes],
                RestartKubeletsAsync
            );
        }

        yield return new ConvergeStep(
            StepNames.Recycle,
            [StepNames.Remember, StepNames.OwnAuthority, StepNames.CompareNodes, StepNames.RestartKubelets],
            RecycleAsync
        );
        yield return new ConvergeStep(StepNames.WaitReady, [StepNames.CheckEtcd, StepNames.Recycle], WaitAsync);
        if (_run.Journal.Current.Quiesce)
        {
            yield return new ConvergeStep(StepNames.ReleaseCronJobs, [StepNames.WaitReady], ReleaseCronJobsAsync);
        }
    }

    private QuietCronJobs CronJobs => new(_api, _run.Journal.Current.Id);

    private async Task<string?> HoldCronJobsAsync(CancellationToken cancellationToken) =>
        $"{await CronJobs.HoldAsync(cancellationToken)} CronJobs suspended";

    private async Task<string?> ReleaseCronJobsAsync(CancellationToken cancellationToken) =>
        $"{await CronJobs.ReleaseAsync(cancellationToken)} CronJobs resumed";

    private async Task<string?> RememberAsync(CancellationToken cancellationToken)
    {
        await _readiness.RememberAsync(cancellationToken);
        return _readiness.Remembered == 0
            ? "all was ready in the restored state"
            : $"{_readiness.Remembered} objects were not ready in the restored state itself";
    }

    // Pods that start anew read it when they start; with the source's they would trust another cluster's apiservers.
    private async Task<string?> OwnAuthorityAsync(CancellationToken cancellationToken)
    {
        if (ClusterInfo.Authority(_run.Session.Cluster) is not { } own)
        {
            return "the kubeconfig names no CA to compare with";
        }

        var time = _run.Context.Time;
        var changes = new Changes(time);
        await using var others = ClusterInfo.NamespacesOfAnother(_api, own, changes.Tell);
        others.Start(time);
        var until = time.GetUtcNow() + ConvergeBudget.Authority((await others.FirstAsync(time, cancellationToken)).Count);
        while (others.Items.Count > 0 && time.GetUtcNow() < until)
        {
            await changes.NextAsync(until - time.GetUtcNow(), cancellationToken);
        }

        var wrong = others.Items;
        if (wrong.Count == 0)
        {
            return "every namespace has this cluster's CA";
        }

        _run.Context.Sink.Warning(
            $"kube-root-ca.crt of {wrong.Count} namespaces ({string.Join(", ", wrong.Take(3))}) is not this cluster's CA as the kubeconfig "
                + "has it; the controller manager puts it right."
        );
        return $"{wrong.Count} namespaces have another CA";
    }

    private async Task<string?> CheckEtcdAsync(CancellationToken cancellationToken)
    {
        var members = new List<EtcdConnection>();
        try
        {
            foreach (var node in _run.Nodes)
            {
                members.Add(
                    await EtcdConnection.ConnectAsync(
                        _run.Session,
                        node.Node,
                        node.Facts.Etcd,
                        cancellationToken,
                        node.Facts.Manifests.ApiServer
                    )
                );
            }

            var agreement = await HashAgreement.CheckAsync(members, _run.Context, cancellationToken);
            HashKv = agreement.Hash;
            ClusterId = agreement.ClusterId;
            return $"HashKV {agreement.Hash} at revision {agreement.Revision} on {members.Count} members, cluster id {agreement.ClusterId}";
        }
        finally
        {
            foreach (var member in members)
            {
                await member.DisposeAsync();
            }
        }
    }

    // Any member will do: each attempt asks the next. The source's apiservers left their leases; until those are gone the service
    // "kubernetes" sends clients to the other site.
    private async Task<string?> CleanStateAsync(CancellationToken cancellationToken)
    {
        var said = new List<string>();
        var own = _run.Nodes.Select(n => n.Facts.Manifests.ApiServer?.AdvertiseAddress).OfType<string>().ToHashSet(StringComparer.Ordinal);
        var first = _run.Nodes[_cleaned++ % _run.Nodes.Count];
        await using (
            var etcd = await EtcdConnection.ConnectAsync(
                _run.Session,
                first.Node,
                first.Facts.Etcd,
                cancellationToken,
                first.Facts.Manifests.ApiServer
            )
        )
        {
            var prefix = $"{first.Facts.Manifests.ApiServer?.EtcdPrefix ?? "/registry"}/masterleases/";
            await foreach (var key in etcd.KeysAsync(prefix, cancellationToken))
            {
                if (own.Count > 0 && !own.Contains(key[prefix.Length..]) && await etcd.DeleteAsync(key, cancellationToken))
                {
                    said.Add($"removed {key}");
                }
            }
        }

        if (await ClusterInfo.PutRightAsync(_api, _run.Session.Cluster, cancellationToken))
        {
            said.Add("put this cluster's CA into kube-public/cluster-info");
        }

        return said.Count == 0 ? "nothing to clean" : string.Join(", ", said);
    }

    // As long as the pods of before run: what is mounted on a node tells of them.
    private async Task<string?> CompareNodesAsync(CancellationToken cancellationToken)
    {
        Findings = await NodeComparison.RunAsync(_run.Session, _api, _nodes, cancellationToken);
        foreach (var finding in Findings.Take(MostWarnings))
        {
            _run.Context.Sink.Warning($"{finding.Message} {finding.Remedy}");
        }

        if (Findings.Count > MostWarnings)
        {
            _run.Context.Sink.Warning($"{Findings.Count - MostWarnings} more of this kind stand in the report as Findings.");
        }

        return Findings.Count == 0 ? "the restored state fits the nodes" : $"{Findings.Count} things do not fit the nodes";
    }

    // One step for all nodes: a cluster may have thousands of workers, and the journal is written for each step.
    private async Task<string?> RestartKubeletsAsync(CancellationToken cancellationToken)
    {
        var restarted = 0;
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = _run.Context.ThrottleLimit, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(
            _nodes,
            parallel,
            async (node, ct) =>
            {
                try
                {
                    var host = await _run.Session.HostAsync(node, ct);
                    var told = await host.RunAsync(ControlPlane.ControlPlaneCommands.RestartKubelet, ct);
                    _readiness.Restarted[node.Name] = DateTimeOffset
                        .FromUnixTimeSeconds(long.Parse(told.Text.Trim(), CultureInfo.InvariantCulture))
                        .UtcDateTime;
                    Interlocked.Increment(ref restarted);
                }
                catch (EtcdDrException e)
                {
                    // One kubelet that cannot be restarted must not keep the others from it; readiness is judged at the end.
                    _run.Context.Sink.Warning($"The kubelet of node '{node.Name}' was not restarted: {e.Message} {e.RecommendedAction}");
                }
            }
        );
        return $"{restarted} of {_nodes.Count} kubelets restarted";
    }

    private async Task<string?> RecycleAsync(CancellationToken cancellationToken)
    {
        await _recycling.RunAsync(cancellationToken);
        return _recycling.Words;
    }

    private async Task<string?> WaitAsync(CancellationToken cancellationToken)
    {
        var time = _run.Context.Time;
        var retried = time.GetUtcNow();
        await _readiness.LoadAsync(cancellationToken);
        while (true)
        {
            if (_recycling.Left.Count > 0 && time.GetUtcNow() - retried > RetryRefused)
            {
                await _recycling.RetryAsync(cancellationToken);
                retried = time.GetUtcNow();
            }

            _left = [.. _recycling.Left, .. _readiness.Look()];
            if (_left.Count == 0)
            {
                return "all ready";
            }

            var rest = _deadline - time.GetUtcNow();
            if (rest <= TimeSpan.Zero)
            {
                _left = await _readiness.WithEventsAsync(_left, cancellationToken);
                return $"{_left.Count} not ready";
            }

            var some = string.Join(
                ", ",
                _left.Take(3).Select(l => $"{l.Kind} {(l.Namespace is null ? l.Name : $"{l.Namespace}/{l.Name}")}")
            );
            _run.Context.Sink.Progress(new Operations.ProgressUpdate(_run.Activity, null, $"Waiting for {_left.Count}: {some}"));
            await _readiness.ChangeAsync(rest < RetryRefused ? rest : RetryRefused, cancellationToken);
        }
    }
}
