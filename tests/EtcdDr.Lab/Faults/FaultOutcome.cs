namespace EtcdDr.Lab.Faults;

/// <summary>How a case ended.</summary>
/// <param name="Case">The case.</param>
/// <param name="Whole">Whether the cluster ended whole.</param>
/// <param name="State">old or new; what is wrong where it did not end whole.</param>
/// <param name="Ended">How the restore that was struck ended, and the command that was needed after it.</param>
/// <param name="Duration">All of it.</param>
public sealed record FaultOutcome(FaultCase Case, bool Whole, string State, string Ended, TimeSpan Duration);
