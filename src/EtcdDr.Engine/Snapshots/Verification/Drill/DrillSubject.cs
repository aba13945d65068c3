using EtcdDr.Engine.Etcd.Database;

namespace EtcdDr.Engine.Snapshots.Verification.Drill;

/// <summary>What a drill restores, and what must come of it.</summary>
/// <param name="Database">The database.</param>
/// <param name="Expected">What the reader found in it, with HashKV at its last revision: the one that a server answers for.</param>
/// <param name="Sha256">SHA-256 of the plain file, lower-case hexadecimal.</param>
/// <param name="EtcdVersion">Version of the etcd that wrote it; null where that was not recorded.</param>
internal sealed record DrillSubject(LocalDatabase Database, DatabaseSummary Expected, string Sha256, string? EtcdVersion)
{
    private static readonly TimeSpan Least = TimeSpan.FromMinutes(2);

    /// <summary>Limit for the restore and for the server to answer. Twenty MiB a second is a slow disk; the bound is for what
    /// hangs.</summary>
    internal TimeSpan Limit => Least + TimeSpan.FromSeconds(Expected.DbSize / (20.0 * 1024 * 1024));

    /// <summary>Free bytes that it needs: the restore copies the file once, and etcd may write as much again before it is
    /// stopped.</summary>
    internal long NeededBytes => (Expected.DbSize * 2) + (256L * 1024 * 1024);
}
