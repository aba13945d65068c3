namespace EtcdDr.Engine.Reports.JUnit;

/// <summary>Test cases that belong together.</summary>
/// <param name="Name">What they are about.</param>
/// <param name="Cases">The cases.</param>
internal sealed record JUnitSuite(string Name, IReadOnlyList<JUnitCase> Cases)
{
    /// <summary>When it ran, UTC; null for the time of writing.</summary>
    public DateTime? Time { get; init; }

    /// <summary>Facts beside the cases.</summary>
    public IReadOnlyList<(string Name, string? Value)> Properties { get; init; } = [];
}
