namespace EtcdDr.Engine.Snapshots;

/// <summary>A file with key material that a restore puts back on control-plane nodes.</summary>
/// <param name="NodePath">Absolute path on the nodes.</param>
/// <param name="Path">Path in the snapshot.</param>
public sealed record SnapshotKeyFile(string NodePath, string Path);
