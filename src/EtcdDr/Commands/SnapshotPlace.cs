namespace EtcdDr.Commands;

/// <summary>A place of snapshots.</summary>
/// <param name="Text">A path, <c>[user@]host:/dir</c> or an <c>sftp://</c> address.</param>
/// <param name="HasWildcards">Whether its last part has wildcards: on other hosts only, where they are expanded by a listing.</param>
internal sealed record SnapshotPlace(string Text, bool HasWildcards);
