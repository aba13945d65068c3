using EtcdDr.Engine.ControlPlane;
using EtcdDr.Engine.Journals;
using EtcdDr.Engine.Nodes;

namespace EtcdDr.Engine.Restore;

/// <summary>A control-plane node in a restore: how it is reached, what was read there, and what its journal says.</summary>
internal sealed record RestoreNode(ClusterNode Node, JournalNode Journal, NodeFacts Facts)
{
    public string Name => Node.Name;

    /// <summary>Whether its member served linearizable reads before the restore. Journals of older versions do not say; there it counts
    /// that any member answered.</summary>
    public bool MemberWasHealthy =>
        Journal.Before?.MemberWasHealthy
        ?? Facts.Journals.Any(j => j.Directory == Journal.JournalDirectory && j.Journal.PreviousClusterId is not null);

    /// <summary>Whether its apiserver was ready before the restore.</summary>
    public bool ApiServerWasReady => Journal.Before?.ApiServerWasReady ?? MemberWasHealthy;

    /// <summary>Its control plane, with the manifests held in the restore's own directory.</summary>
    public ControlPlaneNode ControlPlane { get; } =
        new(
            Node,
            Facts.Manifests,
            new StaticPodPlace(Journal.ManifestDirectory, Journal.HoldDirectory, Journal.RuntimeEndpoint, Journal.JournalDirectory),
            Journal.Parts
        );
}
