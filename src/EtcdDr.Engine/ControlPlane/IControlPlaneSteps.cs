namespace EtcdDr.Engine.ControlPlane;

/// <summary>How the steps of a <see cref="ControlPlaneSequence"/> are run: journalled or not, and what it means that one fails on a
/// node.</summary>
internal interface IControlPlaneSteps
{
    /// <summary>Runs a step on nodes at once and returns when it has ended on all.</summary>
    /// <param name="step">Its name, one of <see cref="ControlPlaneStep"/>.</param>
    /// <param name="nodes">The nodes.</param>
    /// <param name="work">What is done on each.</param>
    /// <param name="cancellationToken">Stops between steps.</param>
    Task OnNodesAsync(
        string step,
        IReadOnlyList<ControlPlaneNode> nodes,
        Func<ControlPlaneNode, CancellationToken, Task> work,
        CancellationToken cancellationToken
    );

    /// <summary>Runs a step of the control plane as a whole.</summary>
    Task OnceAsync(string step, Func<CancellationToken, Task> work, CancellationToken cancellationToken);
}
