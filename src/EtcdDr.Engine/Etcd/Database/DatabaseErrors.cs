namespace EtcdDr.Engine.Etcd.Database;

/// <summary>The failures of reading a database file.</summary>
internal static class DatabaseErrors
{
    private const string UseAnother = "Do not restore this file. Use another snapshot, or take a new one.";

    /// <summary>The content breaks a rule of the format.</summary>
    internal static EtcdDrException Damaged(string path, string what) => new(
        "DatabaseDamaged", EtcdDrErrorCategory.InvalidData, $"The etcd database {path} is damaged: {what}.", UseAnother, path);

    /// <summary>The file is shorter than it must be.</summary>
    internal static EtcdDrException Truncated(string path, string what) => new(
        "DatabaseTruncated", EtcdDrErrorCategory.InvalidData, $"The etcd database {path} is incomplete: {what}.", UseAnother, path);

    /// <summary>No page looks like a database's.</summary>
    internal static EtcdDrException NotADatabase(string path, string what) => new(
        "DatabaseFormatUnknown", EtcdDrErrorCategory.InvalidData, $"{path} is not an etcd database: {what}.",
        "Give the path of a file that 'etcdctl snapshot save' or New-EtcdSnapshot wrote, or of a member's member/snap/db.", path);

    /// <summary>There is no such file.</summary>
    internal static EtcdDrException NotFound(string path, Exception? cause) => new(
        "DatabaseNotFound", EtcdDrErrorCategory.ObjectNotFound, $"There is no file {path}.", "Check the path.", path, cause);

    /// <summary>The system refused to read it.</summary>
    internal static EtcdDrException Unreadable(string path, Exception cause) => new(
        "DatabaseUnreadable", EtcdDrErrorCategory.ReadError, $"The etcd database {path} cannot be read: {cause.Message}",
        "Check that this account may read the file, and the health of the disk that holds it.", path, cause);

    /// <summary>HashKV was asked for below the compacted revision.</summary>
    internal static EtcdDrException Compacted(string path, long revision, long compacted) => new(
        "RevisionCompacted", EtcdDrErrorCategory.InvalidOperation,
        $"{path} has no hash at revision {revision}: revisions up to {compacted} were compacted.",
        "Ask for a revision from the compacted one on.", path);

    /// <summary>HashKV was asked for beyond the last revision.</summary>
    internal static EtcdDrException InFuture(string path, long revision, long current) => new(
        "RevisionInFuture", EtcdDrErrorCategory.InvalidOperation,
        $"{path} has no hash at revision {revision}: its last revision is {current}.", "Ask for a revision that the database holds.", path);
}
