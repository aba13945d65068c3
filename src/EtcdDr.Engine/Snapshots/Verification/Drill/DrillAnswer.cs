using System.Diagnostics;

namespace EtcdDr.Engine.Snapshots.Verification.Drill;

/// <summary>What the throwaway etcd said of the restored data.</summary>
/// <param name="Hash">Its HashKV.</param>
/// <param name="Revision">The revision that the hash is of.</param>
/// <param name="Keys">How many keys it serves; null where etcd's own users keep that from us.</param>
internal sealed record DrillAnswer(uint Hash, long Revision, long? Keys)
{
    /// <summary>Compares it with what the file holds, and tells.</summary>
    /// <param name="subject">What was restored.</param>
    /// <param name="where">Where, in words; empty for this machine.</param>
    /// <param name="findings">Takes the outcome.</param>
    /// <param name="started">When the drill began.</param>
    internal void Report(DrillSubject subject, string where, SnapshotFindings findings, long started)
    {
        var expected = subject.Expected;
        var keys = Keys ?? expected.LiveKeys;
        if (Hash == expected.HashKv && keys == expected.LiveKeys)
        {
            findings.Pass(
                VerificationChecks.Drill,
                $"It restores{where}: etcd serves revision {Revision} with {keys} keys and the expected HashKV {Hash}, "
                    + $"{Stopwatch.GetElapsedTime(started).TotalSeconds:F1} s from the file on.",
                started
            );
            return;
        }

        findings.Find(
            VerificationChecks.Drill,
            SnapshotTestSeverity.Error,
            $"The etcd restored{where} serves {keys} keys with HashKV {Hash}; the file holds {expected.LiveKeys} with HashKV "
                + $"{expected.HashKv}.",
            VerificationChecks.UseAnother,
            started
        );
    }
}
