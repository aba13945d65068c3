namespace EtcdDr.Engine.Reports.JUnit;

/// <summary>How a test case came out.</summary>
internal enum JUnitOutcome
{
    /// <summary>As it must be; warnings that do not fail the cmdlets' <c>-FailOn...</c> switches are among them.</summary>
    Passed,

    /// <summary>The cmdlet's <c>-FailOn...</c> switch would fail too.</summary>
    Failed,

    /// <summary>Not to be judged.</summary>
    Skipped,
}
