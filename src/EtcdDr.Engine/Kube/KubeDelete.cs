namespace EtcdDr.Engine.Kube;

/// <summary>How an object is deleted.</summary>
public sealed record KubeDelete
{
    /// <summary>Grace period of a pod, in seconds; null for the object's own.</summary>
    public int? GraceSeconds { get; init; }

    /// <summary>Only the object with this UID; another is a conflict. Null for whichever is there.</summary>
    public string? Uid { get; init; }

    /// <summary>Only the object in this state; one that was changed since is a conflict. Null for whatever state.</summary>
    public string? ResourceVersion { get; init; }

    /// <summary>What becomes of what it owns: <c>Background</c>, <c>Foreground</c> or <c>Orphan</c>; null for the kind's own
    /// rule.</summary>
    public string? Propagation { get; init; }

    /// <summary>Whether the server keeps the object.</summary>
    public bool DryRun { get; init; }
}
