namespace EtcdDr.Engine.Snapshots.Verification.Drill;

/// <summary>Proves that a database restores, by restoring it.</summary>
internal interface IDrill
{
    /// <summary>Runs the drill and tells its outcome as a finding or a check that passed. Everything that it made is gone afterwards,
    /// whatever happens.</summary>
    Task RunAsync(DrillSubject subject, SnapshotFindings findings, CancellationToken cancellationToken);
}
