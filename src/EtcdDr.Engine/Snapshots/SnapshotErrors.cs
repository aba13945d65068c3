namespace EtcdDr.Engine.Snapshots;

/// <summary>What can be wrong with a snapshot.</summary>
internal static class SnapshotErrors
{
    /// <summary>The error for a place that holds no snapshot.</summary>
    public static EtcdDrException NotASnapshot(string place, string why) =>
        new("NotASnapshot", EtcdDrErrorCategory.InvalidData, Errors.NotASnapshot.With(place, why), Errors.NotASnapshot_Action, place);

    /// <summary>The error for a snapshot that was never finished, or lost files.</summary>
    public static EtcdDrException Incomplete(string place, string why) =>
        new(
            "SnapshotIncomplete",
            EtcdDrErrorCategory.InvalidData,
            Errors.SnapshotIncomplete.With(place, why),
            Errors.SnapshotIncomplete_Action,
            place
        );

    /// <summary>The error for a snapshot whose files are not those that were written.</summary>
    public static EtcdDrException Altered(string place, string why, Exception? error = null) =>
        new(
            "SnapshotAltered",
            EtcdDrErrorCategory.InvalidData,
            Errors.SnapshotAltered.With(place, why),
            Errors.SnapshotAltered_Action,
            place,
            error
        );
}
