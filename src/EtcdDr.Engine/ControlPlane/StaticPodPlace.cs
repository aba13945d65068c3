namespace EtcdDr.Engine.ControlPlane;

/// <summary>Where the static pods of a node are, and where they are held.</summary>
/// <param name="ManifestDirectory">The kubelet's directory.</param>
/// <param name="HoldDirectory">Where manifests are held aside.</param>
/// <param name="RuntimeEndpoint">The container runtime's endpoint; empty for crictl's own.</param>
/// <param name="JournalDirectory">The journal to write steps into; empty for none.</param>
internal sealed record StaticPodPlace(string ManifestDirectory, string HoldDirectory, string RuntimeEndpoint, string JournalDirectory);
