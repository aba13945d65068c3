namespace EtcdDr.Engine.Clusters.Profiles;

/// <summary>A place for snapshots that the profile names below <c>places</c>.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Line">The line of its name.</param>
/// <param name="Path">Where it is, as on a command line: an absolute path, <c>[user@]host:/dir</c> or an <c>sftp://</c> address.</param>
/// <param name="Keep">Which snapshots are kept there; null where nothing is said.</param>
public sealed record ProfilePlace(string Name, int Line, string Path, ProfileKeep? Keep);
