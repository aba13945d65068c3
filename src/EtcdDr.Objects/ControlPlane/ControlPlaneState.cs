namespace EtcdDr;

/// <summary>What is true of the control plane on one node.</summary>
public sealed record ControlPlaneState
{
    /// <summary>The cluster's name.</summary>
    public required string Cluster { get; init; }

    /// <summary>The node's name.</summary>
    public required string Node { get; init; }

    /// <summary>Running, Stopped, Partial or Unknown.</summary>
    public required string State { get; init; }

    /// <summary>Whether the kubelet is active.</summary>
    public bool KubeletActive { get; init; }

    /// <summary>Static-pod manifests in place, by name without extension.</summary>
    public IReadOnlyList<string> Manifests { get; init; } = [];

    /// <summary>Manifests that this module holds aside.</summary>
    public IReadOnlyList<string> HeldManifests { get; init; } = [];

    /// <summary>Running control-plane containers, by name.</summary>
    public IReadOnlyList<string> Containers { get; init; } = [];

    /// <summary>How long the change took; zero for a mere look.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <inheritdoc/>
    public override string ToString() => ObjectText.Of(this);
}
