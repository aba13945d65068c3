namespace EtcdDr;

/// <summary>Something that was not ready when a restore's waiting time ended.</summary>
/// <param name="Kind">Node, Pod, Deployment, DaemonSet, StatefulSet, ApiServer or Member.</param>
/// <param name="Namespace">Its namespace; null for cluster-wide things.</param>
/// <param name="Name">Its name.</param>
/// <param name="Reason">Why, as its status or its newest events say.</param>
public sealed record RestoreNotReady(string Kind, string? Namespace, string Name, string Reason)
{
    /// <inheritdoc/>
    public override string ToString() => ObjectText.Of(this);
}
