using EtcdDr.Engine.Restore;

namespace EtcdDr.Engine.Mirror;

/// <summary>A node of a site and what it told.</summary>
internal sealed record SiteNode(string Name, NodeRole Role, string? Address)
{
    /// <summary>What the node's own probe said; null if it was not asked or did not answer.</summary>
    public NodeProbe? Probe { get; init; }

    /// <summary>Why the node did not answer; null if it did or was not asked.</summary>
    public EtcdDrException? Failure { get; init; }

    /// <summary>What a restore must know of a control-plane node; null for workers and where it could not be read.</summary>
    public NodeFacts? Restore { get; init; }
}
