namespace EtcdDr.Engine.ControlPlane.Manifests;

/// <summary>A file among the manifests that is none, and that nothing here depends on.</summary>
/// <param name="FileName">The file's name.</param>
/// <param name="Reason">Why it cannot be read.</param>
public sealed record UnreadableManifest(string FileName, string Reason);
