using System.Diagnostics;
using EtcdDr.Engine.Etcd.Database;

namespace EtcdDr.Engine.Snapshots.Verification.Drill;

/// <summary>
/// Proves on this machine that a database restores: a real restore into a directory of mode 0700, a throwaway etcd on loopback, HashKV and the number
/// of keys compared with what the reader found. Everything is stopped and removed, also after a failure or Ctrl-C.
/// </summary>
internal sealed class LocalDrill(DrillTools tools)
{
    private static readonly TimeSpan Least = TimeSpan.FromMinutes(2);

    /// <summary>Runs the drill and tells its outcome as a finding or a check that passed.</summary>
    internal async Task RunAsync(LocalDatabase database, DatabaseSummary expected, SnapshotFindings findings, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var directory = Directory.CreateTempSubdirectory("etcddr-drill-").FullName;
        try
        {
            CheckSpace(directory, expected);
            var found = await RestoreAndAskAsync(directory, database, expected, cancellationToken);
            Tell(found, expected, findings, started);
        }
        catch (EtcdDrException failure)
        {
            findings.Find(VerificationChecks.Drill, failure, started);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static void Tell((uint Hash, long Revision, long? Keys) found, DatabaseSummary expected, SnapshotFindings findings, long started)
    {
        var keys = found.Keys ?? expected.LiveKeys;
        if (found.Hash == expected.HashKv && keys == expected.LiveKeys)
        {
            findings.Pass(
                VerificationChecks.Drill,
                $"It restores: etcd serves revision {found.Revision} with {keys} keys and the expected HashKV {found.Hash}, {Stopwatch.GetElapsedTime(started).TotalSeconds:F1} s from the file on.",
                started);
            return;
        }

        findings.Find(
            VerificationChecks.Drill, SnapshotTestSeverity.Error,
            $"The restored etcd serves {keys} keys with HashKV {found.Hash}; the file holds {expected.LiveKeys} with HashKV {expected.HashKv}.",
            VerificationChecks.UseAnother, started);
    }

    // The restore copies the file once, and etcd may write as much again before it is stopped.
    private static void CheckSpace(string directory, DatabaseSummary expected)
    {
        var free = new DriveInfo(directory).AvailableFreeSpace;
        var needed = (expected.DbSize * 2) + (256L * 1024 * 1024);
        if (free < needed)
        {
            throw new EtcdDrException(
                "DrillSpaceMissing", EtcdDrErrorCategory.ResourceUnavailable,
                $"A drill needs {needed} bytes in {directory}, and {free} are free.", "Free some space, or set TMPDIR to a directory on a larger disk.", directory);
        }
    }

    private async Task<(uint Hash, long Revision, long? Keys)> RestoreAndAskAsync(
        string directory, LocalDatabase database, DatabaseSummary expected, CancellationToken cancellationToken)
    {
        // Twenty MiB a second is a slow disk; the bound is for what hangs.
        var limit = Least + TimeSpan.FromSeconds(expected.DbSize / (20.0 * 1024 * 1024));
        using var certificate = DrillCertificate.Create(directory);
        var (client, peer) = DrillServer.FreePorts();
        await RestoreAsync(directory, database, peer, expected.HasTrailer, limit, cancellationToken);
        await using var server = DrillServer.Start(tools.Server, directory, client, peer, certificate);
        return await server.AskAsync(!expected.AuthEnabled, limit, cancellationToken);
    }

    private async Task RestoreAsync(string directory, LocalDatabase database, int peer, bool trailer, TimeSpan limit, CancellationToken cancellationToken)
    {
        var url = $"https://127.0.0.1:{peer}";
        string[] arguments =
        [
            "snapshot", "restore", database.PathForTools, "--name", "drill", "--data-dir", Path.Combine(directory, "data"), "--initial-cluster", $"drill={url}",
            "--initial-advertise-peer-urls", url, $"--skip-hash-check={(trailer ? "false" : "true")}",
        ];
        using var process = Process.Start(DrillTools.Start(tools.Restore, directory, arguments))!;
        var output = new ProcessOutput(process);
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bound.CancelAfter(limit);
        try
        {
            await process.WaitForExitAsync(bound.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
            cancellationToken.ThrowIfCancellationRequested();
        }

        if (process.ExitCode != 0)
        {
            throw new EtcdDrException(
                "DrillRestoreFailed", EtcdDrErrorCategory.InvalidOperation,
                $"{Path.GetFileName(tools.Restore)} snapshot restore ended with status {process.ExitCode}: {output.Last}",
                "Check that the tool's minor version is the one that the snapshot was taken from; try another copy of the snapshot.");
        }
    }
}
