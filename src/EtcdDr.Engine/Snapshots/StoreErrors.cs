namespace EtcdDr.Engine.Snapshots;

/// <summary>Turns failures of the file system into errors of the catalogue that name the place.</summary>
internal static class StoreErrors
{
    // errno values that .NET leaves in HResult; ENOSPC and EROFS are the same on Linux and macOS, EDQUOT is not.
    private const int NoSpace = 28;
    private const int ReadOnlyFileSystem = 30;
    private const int QuotaLinux = 122;
    private const int QuotaMac = 69;
    private const int DiskFullWindows = unchecked((int)0x80070070);

    /// <summary>Whether a failure means that the file system is full.</summary>
    public static bool IsFull(Exception error) => error is IOException { HResult: NoSpace or QuotaLinux or QuotaMac or DiskFullWindows };

    /// <summary>The error for a failed write.</summary>
    public static EtcdDrException Writing(Exception error, string place) =>
        error switch
        {
            _ when IsFull(error) => Full(place, error),
            UnauthorizedAccessException or IOException { HResult: ReadOnlyFileSystem } => NotWritable(place, error),
            _ => new EtcdDrException(
                "SnapshotWriteFailed",
                EtcdDrErrorCategory.WriteError,
                Errors.SnapshotWriteFailed.With(place, error.Message),
                Errors.SnapshotWriteFailed_Action,
                place,
                error
            ),
        };

    /// <summary>The error for a failed read.</summary>
    public static EtcdDrException Reading(Exception error, string place) =>
        error switch
        {
            FileNotFoundException or DirectoryNotFoundException => Missing(place, error),
            UnauthorizedAccessException => new EtcdDrException(
                "SnapshotNotReadable",
                EtcdDrErrorCategory.PermissionDenied,
                Errors.SnapshotNotReadable.With(place, error.Message),
                Errors.SnapshotNotReadable_Action,
                place,
                error
            ),
            _ => new EtcdDrException(
                "SnapshotReadFailed",
                EtcdDrErrorCategory.ReadError,
                Errors.SnapshotReadFailed.With(place, error.Message),
                Errors.SnapshotReadFailed_Action,
                place,
                error
            ),
        };

    /// <summary>The error for a file that is not there.</summary>
    public static EtcdDrException Missing(string place, Exception? error = null) =>
        new(
            "SnapshotFileMissing",
            EtcdDrErrorCategory.ObjectNotFound,
            Errors.SnapshotFileMissing.With(place),
            Errors.SnapshotFileMissing_Action,
            place,
            error
        );

    /// <summary>The error for a place without space.</summary>
    public static EtcdDrException Full(string place, Exception? error = null, string? detail = null) =>
        new(
            "DestinationFull",
            EtcdDrErrorCategory.ResourceUnavailable,
            detail is null ? Errors.DestinationFull.With(place) : Errors.DestinationFull_Detail.With(place, detail),
            Errors.DestinationFull_Action,
            place,
            error
        );

    /// <summary>The error for a place that may not be written.</summary>
    public static EtcdDrException NotWritable(string place, Exception? error = null) =>
        new(
            "DestinationNotWritable",
            EtcdDrErrorCategory.PermissionDenied,
            error is null ? Errors.DestinationNotWritable.With(place) : Errors.DestinationNotWritable_Because.With(place, error.Message),
            Errors.DestinationNotWritable_Action,
            place,
            error
        );

    /// <summary>The error for a name that is taken.</summary>
    public static EtcdDrException Exists(string place) =>
        new("AlreadyExists", EtcdDrErrorCategory.InvalidOperation, Errors.AlreadyExists.With(place), Errors.AlreadyExists_Action, place);
}
