namespace EtcdDr.Engine.Etcd.Database;

/// <summary>The failures of reading a database file.</summary>
internal static class DatabaseErrors
{
    /// <summary>The content breaks a rule of the format.</summary>
    internal static EtcdDrException Damaged(string path, string what) =>
        new(
            "DatabaseDamaged",
            EtcdDrErrorCategory.InvalidData,
            Errors.DatabaseDamaged.With(path, what),
            Errors.DatabaseDamaged_Action,
            path
        );

    /// <summary>The file is shorter than it must be.</summary>
    internal static EtcdDrException Truncated(string path, string what) =>
        new(
            "DatabaseTruncated",
            EtcdDrErrorCategory.InvalidData,
            Errors.DatabaseTruncated.With(path, what),
            Errors.DatabaseTruncated_Action,
            path
        );

    /// <summary>No page looks like a database's.</summary>
    internal static EtcdDrException NotADatabase(string path, string what) =>
        new(
            "DatabaseFormatUnknown",
            EtcdDrErrorCategory.InvalidData,
            Errors.DatabaseFormatUnknown.With(path, what),
            Errors.DatabaseFormatUnknown_Action,
            path
        );

    /// <summary>There is no such file.</summary>
    internal static EtcdDrException NotFound(string path, Exception? cause) =>
        new(
            "DatabaseNotFound",
            EtcdDrErrorCategory.ObjectNotFound,
            Errors.DatabaseNotFound.With(path),
            Errors.DatabaseNotFound_Action,
            path,
            cause
        );

    /// <summary>The system refused to read it.</summary>
    internal static EtcdDrException Unreadable(string path, Exception cause) =>
        new(
            "DatabaseUnreadable",
            EtcdDrErrorCategory.ReadError,
            Errors.DatabaseUnreadable.With(path, cause.Message),
            Errors.DatabaseUnreadable_Action,
            path,
            cause
        );

    /// <summary>HashKV was asked for below the compacted revision.</summary>
    internal static EtcdDrException Compacted(string path, long revision, long compacted) =>
        new(
            "RevisionCompacted",
            EtcdDrErrorCategory.InvalidOperation,
            Errors.RevisionCompacted.With(path, revision, compacted),
            Errors.RevisionCompacted_Action,
            path
        );

    /// <summary>HashKV was asked for beyond the last revision.</summary>
    internal static EtcdDrException InFuture(string path, long revision, long current) =>
        new(
            "RevisionInFuture",
            EtcdDrErrorCategory.InvalidOperation,
            Errors.RevisionInFuture.With(path, revision, current),
            Errors.RevisionInFuture_Action,
            path
        );
}
