namespace EtcdDr.Engine.Reports.JUnit;

/// <summary>A test case: one check.</summary>
/// <param name="Class">What it belongs to; publishers group by it.</param>
/// <param name="Name">The check.</param>
/// <param name="Outcome">How it came out.</param>
/// <param name="Message">What was found, for a list of failures.</param>
internal sealed record JUnitCase(string Class, string Name, JUnitOutcome Outcome, string Message)
{
    /// <summary>How long it took.</summary>
    public TimeSpan Time { get; init; }

    /// <summary>The whole of it: every finding, and what to do.</summary>
    public string? Detail { get; init; }

    /// <summary>The kind of failure, for example <c>Error</c>.</summary>
    public string Kind { get; init; } = "Failed";
}
