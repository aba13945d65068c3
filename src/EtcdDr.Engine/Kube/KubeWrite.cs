namespace EtcdDr.Engine.Kube;

/// <summary>How an object is written.</summary>
public sealed record KubeWrite
{
    /// <summary>Whether the server goes through all of it, admission included, and keeps nothing.</summary>
    public bool DryRun { get; init; }

    /// <summary>Who writes, for <c>metadata.managedFields</c>; needed for server-side apply.</summary>
    public string? FieldManager { get; init; }

    /// <summary>Server-side apply only: whether fields that another manager owns are taken over. Without it they are a conflict.</summary>
    public bool Force { get; init; }
}
