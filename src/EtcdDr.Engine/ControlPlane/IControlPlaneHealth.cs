namespace EtcdDr.Engine.ControlPlane;

/// <summary>Says whether what was started really serves.</summary>
internal interface IControlPlaneHealth
{
    /// <summary>Returns when the members on these nodes serve linearizable reads.</summary>
    /// <exception cref="EtcdDrException"><c>EtcdNotHealthy</c>: they do not within the limit; each member is named with its
    /// reason.</exception>
    Task WaitForEtcdAsync(IReadOnlyList<ControlPlaneNode> nodes, TimeSpan limit, CancellationToken cancellationToken);

    /// <summary>Returns when the apiservers on these nodes answer /readyz.</summary>
    /// <param name="nodes">The nodes.</param>
    /// <param name="limit">How long to wait.</param>
    /// <param name="firstReady">Called once, when the first of them is ready: from then on the state serves.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="EtcdDrException"><c>ApiServerNotReady</c>: they are not within the limit; each is named with its
    /// reason.</exception>
    Task WaitForApiServersAsync(
        IReadOnlyList<ControlPlaneNode> nodes,
        TimeSpan limit,
        Func<Task> firstReady,
        CancellationToken cancellationToken
    );

    /// <summary>etcd's cluster id as a member says it, 16 hexadecimal digits; null where none answers.</summary>
    Task<string?> ClusterIdAsync(IReadOnlyList<ControlPlaneNode> nodes, CancellationToken cancellationToken);
}
