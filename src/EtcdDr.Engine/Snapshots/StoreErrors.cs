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
    public static EtcdDrException Writing(Exception error, string place) => error switch
    {
        _ when IsFull(error) => Full(place, error),
        UnauthorizedAccessException or IOException { HResult: ReadOnlyFileSystem } => NotWritable(place, error),
        _ => new EtcdDrException(
            "SnapshotWriteFailed",
            EtcdDrErrorCategory.WriteError,
            $"Writing '{place}' failed: {error.Message}",
            "Look at the file system of that place, then run the command again; what is already there is checked and used.",
            place,
            error),
    };

    /// <summary>The error for a failed read.</summary>
    public static EtcdDrException Reading(Exception error, string place) => error switch
    {
        FileNotFoundException or DirectoryNotFoundException => Missing(place, error),
        UnauthorizedAccessException => new EtcdDrException(
            "SnapshotNotReadable",
            EtcdDrErrorCategory.PermissionDenied,
            $"'{place}' cannot be read: {error.Message}",
            "Run the command as the account that owns the snapshot.",
            place,
            error),
        _ => new EtcdDrException(
            "SnapshotReadFailed",
            EtcdDrErrorCategory.ReadError,
            $"Reading '{place}' failed: {error.Message}",
            "Look at the file system of that place, or use another copy of the snapshot.",
            place,
            error),
    };

    /// <summary>The error for a file that is not there.</summary>
    public static EtcdDrException Missing(string place, Exception? error = null) => new(
        "SnapshotFileMissing",
        EtcdDrErrorCategory.ObjectNotFound,
        $"'{place}' does not exist.",
        "Check the path; for a snapshot, use another copy of it.",
        place,
        error);

    /// <summary>The error for a place without space.</summary>
    public static EtcdDrException Full(string place, Exception? error = null, string? detail = null) => new(
        "DestinationFull",
        EtcdDrErrorCategory.ResourceUnavailable,
        $"There is not enough free space at '{place}'{(detail is null ? string.Empty : $": {detail}")}.",
        "Free space there or choose another destination, then run the command again; it goes on where it stopped.",
        place,
        error);

    /// <summary>The error for a place that may not be written.</summary>
    public static EtcdDrException NotWritable(string place, Exception? error = null) => new(
        "DestinationNotWritable",
        EtcdDrErrorCategory.PermissionDenied,
        $"'{place}' cannot be written{(error is null ? string.Empty : $": {error.Message}")}",
        "Choose a directory that this account may write to, or change the owner of that one.",
        place,
        error);

    /// <summary>The error for a name that is taken.</summary>
    public static EtcdDrException Exists(string place) => new(
        "AlreadyExists",
        EtcdDrErrorCategory.InvalidOperation,
        $"'{place}' exists already.",
        "Choose another name, or remove what is there if it is not needed.",
        place);
}
