namespace EtcdDr;

/// <summary>Something that the preflight of a restore found.</summary>
/// <param name="Check">Name of the check; <c>-SkipCheck</c> takes it.</param>
/// <param name="Node">The node; null for the cluster as a whole.</param>
/// <param name="Message">What was found, as a sentence.</param>
/// <param name="Remedy">What to do about it.</param>
/// <param name="Blocks">Whether the restore refuses because of it.</param>
public sealed record RestoreFinding(string Check, string? Node, string Message, string Remedy, bool Blocks)
{
    /// <inheritdoc/>
    public override string ToString() => ObjectText.Of(this);
}
