using System.Collections.Concurrent;
using System.Diagnostics;
using EtcdDr.Engine.Snapshots.Places;

namespace EtcdDr.Engine.Snapshots.Verification;

/// <summary>Checks that exactly the manifest's files are there, with its sums. The database's is left to
/// <see cref="DatabaseVerification"/>.</summary>
internal static class FileVerification
{
    private const int AtOnce = 4;

    internal static async Task RunAsync(
        SnapshotReader reader,
        SnapshotFindings findings,
        IProgress<long>? progress,
        CancellationToken cancellationToken
    )
    {
        var started = Stopwatch.GetTimestamp();
        Layout(reader, findings, started);
        if (reader.StoredManifest is not { } manifest)
        {
            return;
        }

        var different = new ConcurrentBag<SnapshotFile>();
        var files = manifest.Files.Where(f => reader.IsSealed || f.Path != reader.DatabasePath).ToList();
        var links = reader.Entries.Where(e => e.IsLink).Select(e => e.Path).ToHashSet(StringComparer.Ordinal);
        var options = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(
            files.Where(f => !links.Contains(f.Path)),
            options,
            async (file, ct) =>
            {
                if (await reader.Store.Sha256Async(file.Path, ct) != file.Sha256)
                {
                    different.Add(file);
                }

                progress?.Report(file.Size);
            }
        );

        foreach (var file in different.OrderBy(f => f.Path, StringComparer.Ordinal))
        {
            findings.Find(
                VerificationChecks.Files,
                SnapshotTestSeverity.Error,
                $"The SHA-256 of '{file.Path}' is not the manifest's: it was altered or damaged.",
                VerificationChecks.UseAnother,
                started,
                file.Path
            );
        }

        if (different.IsEmpty)
        {
            findings.Pass(
                VerificationChecks.Files,
                $"Size and SHA-256 of {files.Count} {(reader.IsSealed ? "sealed files" : "files beside the database")} are the manifest's.",
                started
            );
        }
    }

    private static void Layout(SnapshotReader reader, SnapshotFindings findings, long started)
    {
        var links = reader.Entries.Where(e => e.IsLink).Select(e => e.Path);
        var listed = reader.StoredManifest?.Files.Select(f => f.Path).Append(SnapshotManifest.FileName).ToHashSet(StringComparer.Ordinal);
        var extra = listed is null ? [] : reader.Entries.Where(e => !e.IsLink).Select(e => e.Path).Where(p => !listed.Contains(p));
        var wrong = links
            .Select(p => (Path: p, Text: $"'{p}' is a symbolic link, and a snapshot holds none."))
            .Concat(extra.Select(p => (Path: p, Text: $"'{p}' is there, and the manifest does not list it.")))
            .Take(100)
            .ToList();
        foreach (var (path, text) in wrong)
        {
            findings.Find(
                VerificationChecks.Layout,
                SnapshotTestSeverity.Error,
                text,
                "Find out who put it there; use another copy of the snapshot.",
                started,
                path
            );
        }

        if (wrong.Count == 0)
        {
            findings.Pass(
                VerificationChecks.Layout,
                $"It is laid out as {Kind(reader.Snapshot.Format)}; no file is missing and none is foreign.",
                started
            );
        }
    }

    private static string Kind(SnapshotFormat format) =>
        format switch
        {
            SnapshotFormat.EtcdDr => "a snapshot of EtcdDr",
            SnapshotFormat.Maa => "a backup of the MAA scripts",
            _ => "a bare database",
        };
}
