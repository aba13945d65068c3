using EtcdDr.Engine.ControlPlane;

namespace EtcdDr.Engine.Restore;

/// <summary>A control-plane node in a restore: how it is reached, what was read there, and what its journal says.</summary>
internal sealed record RestoreNode(ClusterNode Node, JournalNode Journal, NodeFacts Facts)
{
    public string Name => Node.Name;

    /// <summary>Whether an earlier run put it back already, as its own journal says: it serves the previous state and is not stopped again for nodes that lagged behind.</summary>
    public bool IsPutBack { get; } =
        Facts.Journals.Any(j => j.Directory == Journal.JournalDirectory && j.Journal.State is (RestoreState.RolledBack or RestoreState.Undone));

    /// <summary>Its control plane, with the manifests held in the restore's own directory.</summary>
    public ControlPlaneNode ControlPlane { get; } =
        new(Node, Facts.Manifests, new StaticPodPlace(Journal.ManifestDirectory, Journal.HoldDirectory, Journal.RuntimeEndpoint, Journal.JournalDirectory));
}
