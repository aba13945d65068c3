using System.Collections.Concurrent;

namespace EtcdDr.Engine.Restore;

/// <summary>Workers whose kubelets are held, so that no pod starts there that the restored state has bound to them.</summary>
internal sealed class QuietNodes(RestoreRun run, IReadOnlyList<ClusterNode> all)
{
    private readonly IReadOnlyList<ClusterNode> _workers = [.. all.Where(n => n.Role == NodeRole.Worker)];

    /// <summary>Holds them all.</summary>
    /// <exception cref="EtcdDrException"><c>RestoreStepFailed</c>: one could not be held, by name. It would start what is bound to
    /// it.</exception>
    public Task HoldAsync(string phase, CancellationToken cancellationToken) =>
        run.OnceAsync(
            phase,
            StepNames.HoldKubelets,
            async ct =>
            {
                var failures = await EachAsync(
                    (host, token) => host.RunAsync(QuiesceCommands.HoldKubelet.With(Id, QuiesceCommands.Directory), token),
                    ct
                );
                return failures.IsEmpty ? $"{_workers.Count} kubelets held" : throw RestoreRun.StepFailed(StepNames.HoldKubelets, failures);
            },
            cancellationToken
        );

    /// <summary>Releases those that this restore holds. One that cannot be asked is told and left; running it again ends it.</summary>
    /// <returns>Nodes that were not released, with the reasons.</returns>
    public async Task<IReadOnlyDictionary<string, EtcdDrException>> ReleaseAsync(string phase, CancellationToken cancellationToken)
    {
        var failures = new ConcurrentDictionary<string, EtcdDrException>(StringComparer.Ordinal);
        await run.OnceAsync(
            phase,
            StepNames.ReleaseKubelets,
            async ct =>
            {
                failures = await EachAsync(
                    (host, token) => host.RunAsync(QuiesceCommands.ReleaseKubelet.With(Id, QuiesceCommands.Directory), token),
                    ct
                );
                return $"{_workers.Count - failures.Count} of {_workers.Count} kubelets released";
            },
            cancellationToken
        );
        foreach (var (node, why) in failures)
        {
            run.Context.Sink.Warning(
                $"The kubelet of node '{node}' may still be held: {why.Message} When the node is there, run 'systemctl enable --now "
                    + "kubelet' "
                    + $"on it and remove {QuiesceCommands.Directory}/quiesced."
            );
        }

        return failures;
    }

    private string Id => run.Journal.Current.Id;

    private async Task<ConcurrentDictionary<string, EtcdDrException>> EachAsync(
        Func<Ssh.IRemoteHost, CancellationToken, Task> work,
        CancellationToken cancellationToken
    )
    {
        var failures = new ConcurrentDictionary<string, EtcdDrException>(StringComparer.Ordinal);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = run.Context.ThrottleLimit, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(
            _workers,
            parallel,
            async (node, ct) =>
            {
                try
                {
                    await work(await run.Session.HostAsync(node, ct), ct);
                }
                catch (EtcdDrException e)
                {
                    failures[node.Name] = e;
                }
            }
        );
        return failures;
    }
}
