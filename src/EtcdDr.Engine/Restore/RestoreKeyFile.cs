namespace EtcdDr.Engine.Restore;

/// <summary>A key or configuration file that goes from the snapshot to the nodes.</summary>
/// <param name="Name">Its name among the staged files.</param>
/// <param name="SnapshotPath">Where the snapshot has it.</param>
/// <param name="LivePath">Where it lives on a node, by the node's name.</param>
internal sealed record RestoreKeyFile(string Name, string SnapshotPath, IReadOnlyDictionary<string, string> LivePath);
