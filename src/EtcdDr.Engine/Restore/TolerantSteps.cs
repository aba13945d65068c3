using EtcdDr.Engine.ControlPlane;

namespace EtcdDr.Engine.Restore;

/// <summary>Steps on the way to an end: a node on which one fails is left out of those that follow, and named. <paramref name="check"/>
/// stops where too few are left.</summary>
/// <param name="run">The nodes that answer.</param>
/// <param name="phase">Name of the phase in journals and reports.</param>
/// <param name="left">What is said of a node that is left out.</param>
/// <param name="check">Called after every step with the nodes that are left; throws to stop.</param>
internal sealed class TolerantSteps(
    RestoreRun run,
    string phase,
    Func<string, string, string> left,
    Action<IReadOnlyList<RestoreNode>> check
) : IControlPlaneSteps
{
    private readonly HashSet<string> _away = new(StringComparer.Ordinal);

    /// <summary>Nodes that were left out, with the reasons.</summary>
    public Dictionary<string, string> Left { get; } = new(StringComparer.Ordinal);

    /// <summary>The others.</summary>
    public IReadOnlyList<RestoreNode> Reached => StillReached(run.Nodes);

    /// <summary>Those of some nodes that were not left out.</summary>
    public IReadOnlyList<RestoreNode> StillReached(IEnumerable<RestoreNode> nodes) => [.. nodes.Where(n => !_away.Contains(n.Name))];

    /// <inheritdoc/>
    public Task OnNodesAsync(
        string step,
        IReadOnlyList<ControlPlaneNode> nodes,
        Func<ControlPlaneNode, CancellationToken, Task> work,
        CancellationToken cancellationToken
    ) => RunAsync(step, run.Of(nodes), (node, ct) => work(node.ControlPlane, ct), cancellationToken);

    /// <inheritdoc/>
    public Task OnceAsync(string step, Func<CancellationToken, Task> work, CancellationToken cancellationToken) =>
        run.OnceAsync(
            phase,
            step,
            async ct =>
            {
                await work(ct);
                return null;
            },
            cancellationToken
        );

    /// <summary>Runs a step on those of some nodes that are left.</summary>
    public async Task RunAsync(
        string step,
        IEnumerable<RestoreNode> nodes,
        Func<RestoreNode, CancellationToken, Task> work,
        CancellationToken cancellationToken
    )
    {
        cancellationToken.ThrowIfCancellationRequested();
        await run.KeepLockAsync(_away, cancellationToken);
        Leave(
            await run.TryOnNodesAsync(
                phase,
                step,
                StillReached(nodes),
                async (node, ct) =>
                {
                    await work(node, ct);
                    return null;
                },
                CancellationToken.None
            )
        );
    }

    /// <summary>Records a state on those of some nodes that are left, and here.</summary>
    public async Task RecordAsync(RestoreState state, IEnumerable<RestoreNode> nodes, CancellationToken cancellationToken) =>
        Leave(await run.RecordAsync(state, StillReached(nodes), cancellationToken));

    /// <summary>Leaves nodes out of the steps that follow.</summary>
    public void Leave(IReadOnlyDictionary<string, EtcdDrException> failures)
    {
        foreach (var (node, why) in failures)
        {
            _away.Add(node);
            Left[node] = why.Message;
            run.Context.Sink.Warning(left(node, why.Message));
        }

        check(Reached);
    }
}
