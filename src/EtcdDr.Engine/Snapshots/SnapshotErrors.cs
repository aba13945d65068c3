namespace EtcdDr.Engine.Snapshots;

/// <summary>What can be wrong with a snapshot.</summary>
internal static class SnapshotErrors
{
    /// <summary>The error for a place that holds no snapshot.</summary>
    public static EtcdDrException NotASnapshot(string place, string why) => new(
        "NotASnapshot",
        EtcdDrErrorCategory.InvalidData,
        $"'{place}' is not a snapshot: {why}.",
        "Name a directory that New-EtcdSnapshot or the MAA scripts wrote, or a database file of 'etcdctl snapshot save'. Get-EtcdSnapshot lists them.",
        place);

    /// <summary>The error for a snapshot that was never finished, or lost files.</summary>
    public static EtcdDrException Incomplete(string place, string why) => new(
        "SnapshotIncomplete",
        EtcdDrErrorCategory.InvalidData,
        $"The snapshot '{place}' is incomplete: {why}.",
        "Use another snapshot, or run the command that was writing this one again.",
        place);

    /// <summary>The error for a snapshot whose files are not those that were written.</summary>
    public static EtcdDrException Altered(string place, string why) => new(
        "SnapshotAltered",
        EtcdDrErrorCategory.InvalidData,
        $"The snapshot '{place}' is not as it was taken: {why}.",
        "Do not restore it. Use another copy of it or another snapshot, and find out what changed this one.",
        place);
}
