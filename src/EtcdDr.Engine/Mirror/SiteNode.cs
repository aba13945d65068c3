using EtcdDr.Engine.ControlPlane.Manifests;
using EtcdDr.Engine.Nodes;

namespace EtcdDr.Engine.Mirror;

/// <summary>A node of a site and what it told.</summary>
internal sealed record SiteNode(string Name, NodeRole Role, string? Address)
{
    /// <summary>What the node's own probe said; null if it was not asked or did not answer.</summary>
    public NodeProbe? Probe { get; init; }

    /// <summary>Whether it is given up: it is not asked, and what it lacks is no finding.</summary>
    public bool Lost { get; init; }

    /// <summary>Why the node did not answer; null if it did or was not asked.</summary>
    public EtcdDrException? Failure { get; init; }

    /// <summary>What reading a control-plane node told; null for workers and where it could not be read.</summary>
    public NodeFacts? Facts { get; init; }

    /// <summary>How its etcd is set up; null where that is not known.</summary>
    public EtcdMemberConfiguration? Etcd { get; init; }

    /// <summary>How its kube-apiserver is set up; null where that is not known.</summary>
    public ApiServerConfiguration? ApiServer { get; init; }

    /// <summary>Why its kube-apiserver, asked past the front end, is not ready; null if it is or was not asked.</summary>
    public string? ApiServerFailure { get; init; }

    /// <summary>Whether its kube-apiserver was asked.</summary>
    public bool ApiServerAsked { get; init; }

    /// <summary>Whether a stage of the snapshot lies ready there, so that it needs neither tool nor space.</summary>
    public bool Staged { get; init; }
}
