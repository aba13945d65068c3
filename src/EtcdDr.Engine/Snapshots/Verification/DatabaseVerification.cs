using System.Diagnostics;
using EtcdDr.Engine.Etcd.Database;

namespace EtcdDr.Engine.Snapshots.Verification;

/// <summary>
/// Checks a snapshot's database: its SHA-256 against the manifest's and etcd's own, and at the same time its pages and records; then what
/// they say against what was recorded at backup.
/// </summary>
internal sealed class DatabaseVerification(SnapshotReader reader, SnapshotFindings findings, IProgress<long>? progress, Drill.IDrill? drill)
{
    /// <summary>Runs the checks; gives what the database holds, or null if it cannot be read.</summary>
    internal async Task<DatabaseSummary?> RunAsync(CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        LocalDatabase database;
        try
        {
            database = await LocalDatabase.OpenAsync(
                reader,
                reader.Store.LocalPath(string.Empty) is null ? progress : null,
                cancellationToken
            );
        }
        catch (EtcdDrException failure) when (failure.Category == EtcdDrErrorCategory.InvalidData)
        {
            findings.Find(VerificationChecks.Pages, failure, started, reader.DatabasePath);
            return null;
        }

        using (database)
        {
            var summing = Task.Run(() => Sums(database, cancellationToken), cancellationToken);
            var reading = Task.Run(() => Read(database, cancellationToken), cancellationToken);
            await Task.WhenAll(summing, reading);
            var summary = await reading;
            if (drill is not null && summary is not null && await summing is { } sums)
            {
                await DrillAsync(database, summary, sums, cancellationToken);
            }

            return summary;
        }
    }

    private async Task DrillAsync(LocalDatabase database, DatabaseSummary summary, DatabaseSums sums, CancellationToken cancellationToken)
    {
        // The server is asked at its current revision; the recorded one may be another.
        if (summary.HashKvRevision != summary.Revision)
        {
            using var opened = EtcdDatabase.Open(database.OpenSource());
            summary = await Task.Run(() => opened.Summarize(0, cancellationToken), cancellationToken);
        }

        await drill!.RunAsync(
            new Drill.DrillSubject(database, summary, sums.Sha256, reader.Snapshot.EtcdVersion),
            findings,
            cancellationToken
        );
    }

    private DatabaseSums? Sums(LocalDatabase database, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        try
        {
            var sums = database.Sum(reader.Store.LocalPath(string.Empty) is null ? null : progress, cancellationToken);
            Manifest(sums, started);
            Trailer(sums, started);
            return sums;
        }
        catch (EtcdDrException failure)
        {
            findings.Find(VerificationChecks.Files, failure, started, reader.DatabasePath);
            return null;
        }
    }

    private void Manifest(DatabaseSums sums, long started)
    {
        if (reader.DatabaseSha256 is not { } recorded)
        {
            return;
        }

        if (recorded == sums.Sha256)
        {
            findings.Pass(VerificationChecks.Files, "The database's SHA-256 is the manifest's.", started, reader.DatabasePath);
            return;
        }

        findings.Find(
            VerificationChecks.Files,
            SnapshotTestSeverity.Error,
            $"The SHA-256 of the database is {sums.Sha256}, and the manifest says {recorded}.",
            VerificationChecks.UseAnother,
            started,
            reader.DatabasePath
        );
    }

    private void Trailer(DatabaseSums sums, long started)
    {
        const string Check = VerificationChecks.Trailer;
        switch (sums.TrailerAgrees)
        {
            case true:
                findings.Pass(Check, "The SHA-256 that etcd appended agrees with the database.", started, reader.DatabasePath);
                break;
            case false:
                findings.Find(
                    Check,
                    SnapshotTestSeverity.Error,
                    "The SHA-256 that etcd appended does not agree with the database: it was altered or damaged.",
                    VerificationChecks.UseAnother,
                    started,
                    reader.DatabasePath
                );
                break;
            default:
                findings.Find(
                    Check,
                    SnapshotTestSeverity.Warning,
                    "The database does not end with the SHA-256 that etcd appends to a snapshot, so no sum of etcd's vouches for it.",
                    "A file copied from a data directory has none; a snapshot that was cut off has none either. Compare it with its "
                        + "source.",
                    started,
                    reader.DatabasePath
                );
                break;
        }
    }

    private DatabaseSummary? Read(LocalDatabase database, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        try
        {
            using var opened = EtcdDatabase.Open(database.OpenSource());
            var recorded = reader.Manifest?.Revision;
            var summary = Summarize(opened, recorded, cancellationToken);
            Pages(summary, started);
            Recorded(summary, recorded, started);
            Alarms(summary, started);
            EncryptedValues(summary, started);
            return summary;
        }
        catch (EtcdDrException failure)
        {
            findings.Find(VerificationChecks.Pages, failure, started, reader.DatabasePath);
            return null;
        }
    }

    // At the recorded revision, where the database has it; what it means if not is said by the check of the revision.
    private static DatabaseSummary Summarize(EtcdDatabase database, long? recorded, CancellationToken cancellationToken)
    {
        try
        {
            return database.Summarize(recorded ?? 0, cancellationToken);
        }
        catch (EtcdDrException failure) when (failure.ErrorId is "RevisionCompacted" or "RevisionInFuture")
        {
            return database.Summarize(null, cancellationToken);
        }
    }

    private void Pages(DatabaseSummary summary, long started)
    {
        if (summary.ValidMetaPages < 2 && summary.HasTrailer)
        {
            findings.Find(
                VerificationChecks.Pages,
                SnapshotTestSeverity.Warning,
                "One of the database's two meta pages is broken. All other pages can be read.",
                "It can be restored; take a new snapshot all the same, and look at the health of the disk of the member that it came from.",
                started,
                reader.DatabasePath
            );
            return;
        }

        findings.Pass(
            VerificationChecks.Pages,
            $"All pages and {summary.Records} records can be read: revision {summary.Revision}, {summary.LiveKeys} keys, "
                + $"{summary.BytesInUse} of {summary.DbSize} bytes in use.",
            started,
            reader.DatabasePath
        );
    }

    private void Recorded(DatabaseSummary summary, long? recorded, long started)
    {
        if (recorded is not { } revision || reader.Manifest is not { } manifest)
        {
            return;
        }

        if (revision > summary.Revision)
        {
            findings.Find(
                VerificationChecks.Revision,
                SnapshotTestSeverity.Error,
                $"The database ends at revision {summary.Revision}, and revision {revision} was recorded at backup: it is older than "
                    + "its manifest.",
                VerificationChecks.UseAnother,
                started,
                reader.DatabasePath
            );
            return;
        }

        findings.Pass(
            VerificationChecks.Revision,
            $"The database holds the recorded revision {revision} and ends at {summary.Revision}.",
            started,
            reader.DatabasePath
        );
        Compare(VerificationChecks.KeyCount, "keys", manifest.KeyCount, summary.HashKvKeys, summary, manifest, started);
        Compare(VerificationChecks.HashKv, "HashKV", manifest.HashKv, summary.HashKv, summary, manifest, started);
    }

    private void Compare(
        string check,
        string what,
        long? recorded,
        long? found,
        DatabaseSummary summary,
        SnapshotManifest manifest,
        long started
    )
    {
        if (recorded is null)
        {
            return;
        }

        // After a compaction the server sums other records; then nothing can be said, and the sums of the files must do.
        if (
            found is null
            || (check == VerificationChecks.HashKv && manifest.CompactRevision is { } compacted && compacted != summary.CompactRevision)
        )
        {
            findings.Pass(
                check,
                $"Not comparable: the database was compacted up to {summary.CompactRevision} after {what} were recorded.",
                started,
                reader.DatabasePath
            );
            return;
        }

        if (recorded == found)
        {
            findings.Pass(
                check,
                $"{what} at revision {summary.HashKvRevision}: {found}, as recorded at backup.",
                started,
                reader.DatabasePath
            );
            return;
        }

        findings.Find(
            check,
            SnapshotTestSeverity.Error,
            $"{what} at revision {summary.HashKvRevision}: {found}, and {recorded} was recorded at backup.",
            VerificationChecks.UseAnother,
            started,
            reader.DatabasePath
        );
    }

    private void Alarms(DatabaseSummary summary, long started)
    {
        foreach (var alarm in summary.Alarms)
        {
            var corrupt = alarm.StartsWith("CORRUPT", StringComparison.Ordinal);
            findings.Find(
                VerificationChecks.Alarms,
                corrupt ? SnapshotTestSeverity.Error : SnapshotTestSeverity.Warning,
                $"The database holds the alarm {alarm}; a restored cluster raises it again.",
                corrupt
                    ? "The members disagreed when it was taken. Use a snapshot from before the alarm."
                    : "After a restore free space (compact, defragment), then run 'etcdctl alarm disarm'.",
                started,
                reader.DatabasePath
            );
        }
    }

    private void EncryptedValues(DatabaseSummary summary, long started)
    {
        if (summary.EncryptedRecords == 0 || reader.EncryptionConfigs.Count > 0 || reader.Snapshot.Format == SnapshotFormat.Database)
        {
            return;
        }

        findings.Find(
            VerificationChecks.Keys,
            SnapshotTestSeverity.Error,
            $"The database holds {summary.EncryptedRecords} values that the apiserver encrypted at rest, and the snapshot holds no "
                + "encryption configuration: nothing can read them without its keys.",
            "Keep the file that --encryption-provider-config names together with this snapshot, or take a new one.",
            started,
            reader.DatabasePath
        );
    }
}
