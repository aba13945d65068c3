using System.Diagnostics;
using EtcdDr.Engine.Clusters;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.Snapshots.Verification;

/// <summary>
/// Checks whether a snapshot is whole, agrees with what was recorded when it was taken, and is kept safe. Snapshots of this module, backups
/// of the MAA scripts and bare databases; on this machine or an SSH host.
/// </summary>
public sealed class SnapshotVerifier(IRemoteHostFactory hosts, OperationContext context)
{
    private Drill.IDrill? _drill;

    /// <summary>
    /// Makes the checks include a drill on this machine: restored with a real tool, served by a real etcd, compared, removed. The tools
    /// come from a directory, or from PATH where that is null.
    /// </summary>
    /// <exception cref="EtcdDrException"><c>DrillToolMissing</c>.</exception>
    public void UseLocalDrill(string? toolDirectory) => _drill = new Drill.LocalDrill(Drill.DrillTools.Find(toolDirectory), context.Sink);

    /// <summary>
    /// Makes the checks include a drill on a node of a cluster, with the node's own etcd and restore tool, beside what the node does.
    /// Nothing of it stays there.
    /// </summary>
    /// <param name="session">The cluster.</param>
    /// <param name="node">The node's name; null for the first control-plane node that answers.</param>
    /// <param name="toolDirectory">A directory on the node that holds the tools; null to look where a restore looks.</param>
    public void UseRemoteDrill(ClusterSession session, string? node, string? toolDirectory) =>
        _drill = new Drill.RemoteDrill(session, node, toolDirectory);

    /// <summary>Checks a snapshot.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="emit">Takes an object for each finding and each check that passed, as they come; called from one thread at a
    /// time.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>Whether nothing was found that forbids a restore.</returns>
    /// <exception cref="EtcdDrException">The snapshot cannot be reached: it is not there, or its host does not answer.</exception>
    public async Task<bool> VerifyAsync(EtcdSnapshot snapshot, Action<EtcdSnapshotTest> emit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        ArgumentNullException.ThrowIfNull(emit);
        var findings = new SnapshotFindings(snapshot.ToString(), emit);
        var started = Stopwatch.GetTimestamp();
        SnapshotReader reader;
        try
        {
            reader = await SnapshotReader.OpenAsync(snapshot, hosts, context, cancellationToken);
        }
        catch (EtcdDrException failure) when (IsFinding(failure))
        {
            findings.Find(VerificationChecks.Layout, failure, started);
            return false;
        }

        await using (reader)
        {
            if (!reader.IsSealed || await SealVerification.UnlockAsync(reader, findings, cancellationToken))
            {
                await VerifyAsync(reader, findings, cancellationToken);
            }
            else
            {
                await VerifyLockedAsync(reader, findings, cancellationToken);
            }
        }

        return !findings.AnyError;
    }

    /// <summary>Says as a finding that a snapshot could not even be recognised.</summary>
    public static void Report(string place, EtcdDrException failure, Action<EtcdSnapshotTest> emit) =>
        new SnapshotFindings(place, emit).Find(VerificationChecks.Layout, failure, Stopwatch.GetTimestamp());

    /// <summary>Whether a failure to open says something about the snapshot, and not about the way to it.</summary>
    public static bool IsFinding(EtcdDrException failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        return failure.Category == EtcdDrErrorCategory.InvalidData
            || failure.ErrorId is "SnapshotIncomplete" or "SnapshotFileMissing" or "PathOutsideStore";
    }

    // What can be said without the key: the sums of what lies there, and who can read it.
    private static async Task VerifyLockedAsync(SnapshotReader reader, SnapshotFindings findings, CancellationToken cancellationToken)
    {
        await FileVerification.RunAsync(reader, findings, null, cancellationToken);
        await PermissionVerification.RunAsync(reader, findings, cancellationToken);
    }

    private async Task VerifyAsync(SnapshotReader reader, SnapshotFindings findings, CancellationToken cancellationToken)
    {
        var activity = $"Test {reader.Snapshot}";
        var total = reader.Manifest?.Files.Sum(f => f.Size) ?? reader.DatabaseLength;
        var done = 0L;
        var progress = new ProgressOf<long>(bytes =>
            context.Sink.Progress(
                new ProgressUpdate(activity, null, "Reading") { BytesDone = Interlocked.Add(ref done, bytes), BytesTotal = total }
            )
        );
        var database = new DatabaseVerification(reader, findings, progress, _drill).RunAsync(cancellationToken);
        var files = FileVerification.RunAsync(reader, findings, progress, cancellationToken);
        try
        {
            await Task.WhenAll(database, files);
            await SealVerification.RunAsync(reader, findings, cancellationToken);
            await ArchiveVerification.RunAsync(reader, findings, cancellationToken);
            await KeyVerification.RunAsync(reader, findings, cancellationToken);
            await PermissionVerification.RunAsync(reader, findings, cancellationToken);
        }
        catch (EtcdDrException failure) when (IsFinding(failure))
        {
            // A file went away or changed between the list and the reading.
            findings.Find(VerificationChecks.Files, failure, Stopwatch.GetTimestamp());
        }

        context.Sink.Progress(new ProgressUpdate(activity, null, "Done") { Completed = true });
    }

    // Not Progress<T>: that posts to a thread pool, and the steps would come out of order.
    private sealed class ProgressOf<T>(Action<T> report) : IProgress<T>
    {
        public void Report(T value) => report(value);
    }
}
