namespace EtcdDr;

/// <summary>One step of a restore on one node, or on the cluster as a whole.</summary>
/// <param name="Number">Place in the order; steps with the same number run at the same time.</param>
/// <param name="Phase">Preflight, Stage, Cutover, Converge or Report.</param>
/// <param name="Name">The step's name in journals and logs, for example <c>swap-data</c>.</param>
/// <param name="Node">The node; null for the cluster as a whole.</param>
/// <param name="Description">What it changes, as a sentence.</param>
/// <param name="Bytes">Bytes that it moves; 0 for none.</param>
/// <param name="ApiAway">Whether the API is away while it runs.</param>
public sealed record RestorePlanStep(int Number, string Phase, string Name, string? Node, string Description, long Bytes, bool ApiAway)
{
    /// <inheritdoc/>
    public override string ToString() => ObjectText.Of(this);
}
