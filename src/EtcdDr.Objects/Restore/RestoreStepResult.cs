namespace EtcdDr;

/// <summary>A step of a restore as it went.</summary>
/// <param name="Phase">Preflight, Stage, Cutover, Converge, Report, Rollback or Undo.</param>
/// <param name="Name">The step's name.</param>
/// <param name="Node">The node; null for the cluster as a whole.</param>
/// <param name="Started">When it began, UTC.</param>
/// <param name="Finished">When it ended, UTC; null if it has not.</param>
/// <param name="Outcome">Begun, Done or Failed.</param>
/// <param name="Message">Why it failed, or what it found; null for nothing to say.</param>
public sealed record RestoreStepResult(
    string Phase,
    string Name,
    string? Node,
    DateTime Started,
    DateTime? Finished,
    string Outcome,
    string? Message
)
{
    /// <summary>How long it took; null while it runs.</summary>
    public TimeSpan? Duration => Finished - Started;

    /// <inheritdoc/>
    public override string ToString() => ObjectText.Of(this);
}
