namespace EtcdDr.Engine.Snapshots.Places.Objects;

/// <summary>
/// The file of a snapshot whose being there makes it one: it is written last and removed first. The manifest, and of a backup of the MAA
/// scripts the list of control-plane nodes.
/// </summary>
internal static class SnapshotMarks
{
    /// <summary>Names of such files.</summary>
    public static IReadOnlyList<string> All { get; } = [SnapshotManifest.FileName, MaaBackup.ControlPlanes];

    /// <summary>Whether a path relative to a place is the mark of the snapshot that is its first part.</summary>
    public static bool IsMark(string path) =>
        path.IndexOf('/', StringComparison.Ordinal) is > 0 and var slash && All.Contains(path[(slash + 1)..], StringComparer.Ordinal);

    /// <summary>The mark among a snapshot's files: the manifest where it has one.</summary>
    public static string? Of(IEnumerable<string> files)
    {
        var there = files.ToHashSet(StringComparer.Ordinal);
        return All.FirstOrDefault(there.Contains);
    }
}
