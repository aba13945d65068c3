using System.Diagnostics;
using EtcdDr.Engine.Operations;

namespace EtcdDr.Engine.Snapshots.Verification.Drill;

/// <summary>
/// Proves on this machine that a database restores: a real restore into a directory of mode 0700, a throwaway etcd on loopback, HashKV and
/// the number of keys compared with what the reader found.
/// </summary>
internal sealed class LocalDrill(DrillTools tools, IOperationSink sink) : IDrill
{
    /// <inheritdoc/>
    public async Task RunAsync(DrillSubject subject, SnapshotFindings findings, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        using var directory = DrillDirectory.Create(sink);
        try
        {
            CheckSpace(directory.Path, subject.NeededBytes);
            var answer = await RestoreAndAskAsync(directory, subject, cancellationToken);
            answer.Report(subject, string.Empty, findings, started);
        }
        catch (EtcdDrException failure)
        {
            findings.Find(VerificationChecks.Drill, failure, started);
        }
    }

    private static void CheckSpace(string directory, long needed)
    {
        var free = new DriveInfo(directory).AvailableFreeSpace;
        if (free < needed)
        {
            throw new EtcdDrException(
                "DrillSpaceMissing",
                EtcdDrErrorCategory.ResourceUnavailable,
                Errors.DrillSpaceMissing.With(needed, directory, free),
                Errors.DrillSpaceMissing_Action,
                directory
            );
        }
    }

    private async Task<DrillAnswer> RestoreAndAskAsync(DrillDirectory directory, DrillSubject subject, CancellationToken cancellationToken)
    {
        using var certificate = DrillCertificate.Create();
        certificate.Write(directory.Path);
        var (client, peer) = DrillServer.FreePorts();
        await RestoreAsync(directory, subject, peer, cancellationToken);
        await using var server = DrillServer.Start(tools.Server, directory, client, peer);
        using var asking = new DrillClient(client, certificate.Certificate);
        return await asking.AskAsync(!subject.Expected.AuthEnabled, subject.Limit, _ => Task.FromResult(server.Ended), cancellationToken);
    }

    private async Task RestoreAsync(DrillDirectory directory, DrillSubject subject, int peer, CancellationToken cancellationToken)
    {
        var url = $"https://127.0.0.1:{peer}";
        string[] arguments =
        [
            "snapshot",
            "restore",
            subject.Database.PathForTools,
            "--name",
            "drill",
            "--data-dir",
            directory.Data,
            "--initial-cluster",
            $"drill={url}",
            "--initial-advertise-peer-urls",
            url,
            $"--skip-hash-check={(subject.Expected.HasTrailer ? "false" : "true")}",
        ];
        using var process = directory.Start(tools.Restore, arguments);
        var output = new ProcessOutput(process);
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bound.CancelAfter(subject.Limit);
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
                "DrillRestoreFailed",
                EtcdDrErrorCategory.InvalidOperation,
                Errors.DrillRestoreFailed.With(Path.GetFileName(tools.Restore), process.ExitCode, output.Last),
                Errors.DrillRestoreFailed_Action
            );
        }
    }
}
