namespace EtcdDr.Lab.PowerShell;

/// <summary>What a session tells of one statement.</summary>
/// <param name="Seconds">How long it took.</param>
/// <param name="Output">The objects that it emitted, as text; none where they were shown.</param>
/// <param name="Error">The error that ended it, or the last one that it wrote; null if there was none.</param>
public sealed record PwshAnswer(double Seconds, IReadOnlyList<string> Output, string? Error);
