using EtcdDr.Engine.Kube;

namespace EtcdDr.Engine.Restore;

/// <summary>What bringing a cluster in line with its new state came to.</summary>
internal sealed record Converged(IReadOnlyList<RestoreNotReady> NotReady, string? ClusterId, long? HashKv, IReadOnlyList<RestorePod> Pods)
{
    /// <summary>What of the restored state does not fit the nodes.</summary>
    public IReadOnlyList<RestoreFinding> Findings { get; init; } = [];

    /// <summary>Nothing was done: no API served.</summary>
    public static Converged Nothing { get; } = new([], null, null, []);

    /// <summary>Does it, through whatever apiserver answers: a request that one does not answer in time is asked of the next, over a new
    /// connection where the last one broke. Where the kubeconfig's user is refused, the nodes' own administrators are asked.</summary>
    /// <exception cref="EtcdDrException">None of them can be reached.</exception>
    public static async Task<Converged> RunAsync(
        RestoreRun run,
        IReadOnlyList<ClusterNode> all,
        string phase,
        CancellationToken cancellationToken
    )
    {
        await using var api = await RestoredApi.ConnectAsync(run.Session, run.ControlPlanes, run.Context.Sink.Warning, cancellationToken);
        await using var converge = new Converge(run, api, all, phase);
        var left = await converge.RunAsync(cancellationToken);
        return new Converged(left, converge.ClusterId, converge.HashKv, await PodsAsync(run, api, cancellationToken))
        {
            Findings = converge.Findings,
        };
    }

    // A list for the report is no reason to call a restore unfinished.
    private static async Task<IReadOnlyList<RestorePod>> PodsAsync(RestoreRun run, KubeApi api, CancellationToken cancellationToken)
    {
        try
        {
            return await RestoreReport.PodsAsync(api, cancellationToken);
        }
        catch (EtcdDrException e)
        {
            run.Context.Sink.Warning($"Pods could not be listed for the report: {e.Message}");
            return [];
        }
    }
}
