namespace EtcdDr.Lab.Faults;

/// <summary>A cluster before a restore into it.</summary>
/// <param name="Nodes">What each control-plane node had.</param>
/// <param name="Mark">Name of a config map that only this state has.</param>
/// <param name="Broken">How it was broken.</param>
internal sealed record ClusterBefore(IReadOnlyDictionary<string, NodeRecord> Nodes, string Mark, BrokenCluster Broken);
