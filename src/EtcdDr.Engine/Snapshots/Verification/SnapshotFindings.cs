using System.Diagnostics;

namespace EtcdDr.Engine.Snapshots.Verification;

/// <summary>Takes the outcomes of the checks of one snapshot. Safe for several threads.</summary>
internal sealed class SnapshotFindings(string snapshot, Action<EtcdSnapshotTest> emit)
{
    private readonly object _gate = new();

    /// <summary>Whether there was an error among them.</summary>
    internal bool AnyError { get; private set; }

    /// <summary>A check passed.</summary>
    internal void Pass(string check, string message, long started, string? target = null) =>
        Emit(
            new EtcdSnapshotTest
            {
                Snapshot = snapshot,
                Check = check,
                Message = message,
                Target = target,
                Elapsed = Stopwatch.GetElapsedTime(started),
            }
        );

    /// <summary>A check found something.</summary>
    internal void Find(string check, SnapshotTestSeverity severity, string message, string remedy, long started, string? target = null) =>
        Emit(
            new EtcdSnapshotTest
            {
                Snapshot = snapshot,
                Check = check,
                Severity = severity,
                Message = message,
                Remedy = remedy,
                Target = target,
                Elapsed = Stopwatch.GetElapsedTime(started),
            }
        );

    /// <summary>A check ended with an expected failure.</summary>
    internal void Find(string check, EtcdDrException failure, long started, string? target = null) =>
        Find(check, SnapshotTestSeverity.Error, failure.Message, failure.RecommendedAction, started, target);

    private void Emit(EtcdSnapshotTest test)
    {
        lock (_gate)
        {
            AnyError |= test.Severity == SnapshotTestSeverity.Error;
            emit(test);
        }
    }
}
