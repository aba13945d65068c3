using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;

namespace EtcdDr.Engine.Snapshots.Verification;

/// <summary>Reads the snapshot's archives (tar, gzip) to their end: each must be whole, and name nothing outside the place it is unpacked
/// at.</summary>
internal static class ArchiveVerification
{
    // A node's configuration is a few hundred KiB; these bound the work on a hostile archive.
    private const long MaximumBytes = 8L * 1024 * 1024 * 1024;
    private const int MaximumEntries = 1_000_000;

    private const string SigningKey = "etc/kubernetes/pki/sa.key";

    internal static async Task RunAsync(SnapshotReader reader, SnapshotFindings findings, CancellationToken cancellationToken)
    {
        var keys = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var archive in reader.ContentPaths.Where(IsArchive).Order(StringComparer.Ordinal))
        {
            var started = Stopwatch.GetTimestamp();
            var fault = await FaultAsync(reader, archive, keys, cancellationToken);
            if (fault.Text is null)
            {
                findings.Pass(
                    VerificationChecks.Archives,
                    $"'{archive}' is readable to its end: {fault.Entries} entries.",
                    started,
                    archive
                );
            }
            else
            {
                findings.Find(
                    VerificationChecks.Archives,
                    SnapshotTestSeverity.Error,
                    $"The archive '{archive}' {fault.Text}.",
                    "The node's configuration cannot be had from this snapshot. The database may be good; use another copy if there is "
                        + "one.",
                    started,
                    archive
                );
            }
        }

        Compare(keys, findings);
    }

    // Each apiserver accepts the tokens that its own key signed: with another key on another node, workloads are refused every other time.
    private static void Compare(Dictionary<string, string> keys, SnapshotFindings findings)
    {
        var started = Stopwatch.GetTimestamp();
        if (keys.Count < 2)
        {
            return;
        }

        if (keys.Values.Distinct(StringComparer.Ordinal).Count() == 1)
        {
            findings.Pass(
                VerificationChecks.Keys,
                $"The service-account key is the same in the archives of all {keys.Count} control-plane nodes.",
                started
            );
            return;
        }

        var groups = keys.GroupBy(k => k.Value, k => k.Key, StringComparer.Ordinal)
            .OrderByDescending(g => g.Count())
            .Select(g => string.Join(", ", g.Order(StringComparer.Ordinal)));
        findings.Find(
            VerificationChecks.Keys,
            SnapshotTestSeverity.Warning,
            $"Control-plane nodes held different service-account keys ({SigningKey}): {string.Join("; ", groups)}.",
            "Make sa.key and sa.pub the same on all control-plane nodes, restart their apiservers, and take another snapshot.",
            started
        );
    }

    // The MAA scripts name their archives <host>-etc-kubernetes.gz.
    private static bool IsArchive(string path) =>
        path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) || path.EndsWith(".tgz", StringComparison.OrdinalIgnoreCase);

    private static async Task<(string? Text, int Entries)> FaultAsync(
        SnapshotReader reader,
        string path,
        Dictionary<string, string> keys,
        CancellationToken cancellationToken
    )
    {
        var entries = 0;
        try
        {
            await using var file = await reader.OpenFileAsync(path, cancellationToken);
            await using var plain = new GZipStream(file, CompressionMode.Decompress);
            await using var bounded = new BoundedStream(plain, MaximumBytes);
            await using var tar = new TarReader(bounded);
            while (await tar.GetNextEntryAsync(copyData: false, cancellationToken) is { } entry)
            {
                entries++;
                if (entries > MaximumEntries || entry.Name.StartsWith('/') || entry.Name.Split('/').Contains(".."))
                {
                    return ($"holds the entry '{entry.Name}', which does not belong there", entries);
                }

                if (entry is { DataStream: { } content } && (entry.Name == SigningKey || entry.Name == "./" + SigningKey))
                {
                    keys[path] = Convert.ToHexString(await SHA256.HashDataAsync(content, cancellationToken));
                }
            }

            // What follows the end mark must decompress too, and its sum agree.
            await bounded.CopyToAsync(Stream.Null, cancellationToken);
            return (entries == 0 ? "is empty" : null, entries);
        }
        catch (Exception failure)
            when (failure
                    is InvalidDataException
                        or EndOfStreamException
                        or FormatException
                        or IOException
                        or ArgumentException
                        or OverflowException
            )
        {
            return ($"cannot be read to its end: {failure.Message}", entries);
        }
    }
}
