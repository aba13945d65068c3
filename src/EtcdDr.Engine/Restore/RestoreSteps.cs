using EtcdDr.Engine.ControlPlane;

namespace EtcdDr.Engine.Restore;

/// <summary>
/// Steps on the way forward: journalled, under the lock, on all nodes or none. They are not cut in two by cancellation: the one at hand
/// ends (each is bounded in time), then it stops.
/// </summary>
internal sealed class RestoreSteps(RestoreRun run, string phase) : IControlPlaneSteps
{
    /// <inheritdoc/>
    /// <exception cref="EtcdDrException">The step failed on a node, or the lock was lost to somebody else.</exception>
    public async Task OnNodesAsync(
        string step,
        IReadOnlyList<ControlPlaneNode> nodes,
        Func<ControlPlaneNode, CancellationToken, Task> work,
        CancellationToken cancellationToken
    )
    {
        cancellationToken.ThrowIfCancellationRequested();
        await run.EnsureLockAsync(cancellationToken);
        await run.OnNodesAsync(
            phase,
            step,
            run.Of(nodes),
            async (node, ct) =>
            {
                await work(node.ControlPlane, ct);
                return null;
            },
            CancellationToken.None
        );
    }

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
}
