using System.Diagnostics;

namespace EtcdDr.Engine.Snapshots.Verification;

/// <summary>Checks that a sealed snapshot opens, and that every sealed file holds what the sealed manifest says. The database's content is
/// left to <see cref="DatabaseVerification"/>.</summary>
internal static class SealVerification
{
    /// <summary>Opens the seal. Without a key that is no finding: sums can be checked where no key should lie. A key that was given and
    /// does not fit ends the test.</summary>
    /// <returns>Whether it is open.</returns>
    internal static async Task<bool> UnlockAsync(SnapshotReader reader, SnapshotFindings findings, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        try
        {
            await reader.UnlockAsync(cancellationToken);
            findings.Pass(
                VerificationChecks.Seal,
                "The seal opens, and what stands readable beside it agrees with the sealed manifest.",
                started
            );
            return true;
        }
        catch (EtcdDrException failure) when (failure.ErrorId == "SnapshotKeyMissing")
        {
            findings.Pass(
                VerificationChecks.Seal,
                "It is sealed, and no private key is at hand: only the sums of the sealed files are checked. -DecryptWith checks all "
                    + "of it.",
                started
            );
            return false;
        }
        catch (EtcdDrException failure) when (SnapshotVerifier.IsFinding(failure))
        {
            findings.Find(VerificationChecks.Seal, failure, started, SnapshotManifest.FileName);
            return false;
        }
    }

    /// <summary>Reads all sealed files but the database to their ends.</summary>
    internal static async Task RunAsync(SnapshotReader reader, SnapshotFindings findings, CancellationToken cancellationToken)
    {
        if (!reader.IsSealed)
        {
            return;
        }

        var started = Stopwatch.GetTimestamp();
        var files = reader.Manifest!.Files.Where(f => f.Path != reader.DatabasePath).ToList();
        var good = true;
        foreach (var file in files)
        {
            if (await FaultAsync(reader, file, cancellationToken) is { } fault)
            {
                good = false;
                findings.Find(
                    VerificationChecks.Seal,
                    SnapshotTestSeverity.Error,
                    fault,
                    VerificationChecks.UseAnother,
                    started,
                    file.Path
                );
            }
        }

        if (good)
        {
            findings.Pass(
                VerificationChecks.Seal,
                $"{files.Count} sealed files beside the database open, and hold what the sealed manifest says.",
                started
            );
        }
    }

    private static async Task<string?> FaultAsync(SnapshotReader reader, SnapshotFile file, CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = await reader.OpenFileAsync(file.Path, cancellationToken);
            var (sum, length) = await StreamPump.HashAsync(stream, null, cancellationToken);
            return sum == file.Sha256 && length == file.Size ? null : $"The SHA-256 of '{file.Path}' in its seal is not the manifest's.";
        }
        catch (EtcdDrException failure) when (SnapshotVerifier.IsFinding(failure))
        {
            return failure.Message;
        }
    }
}
