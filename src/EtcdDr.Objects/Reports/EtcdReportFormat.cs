namespace EtcdDr;

/// <summary>How a report is written.</summary>
public enum EtcdReportFormat
{
    /// <summary>One self-contained page for people.</summary>
    Html,

    /// <summary>JUnit XML, as Azure DevOps and Jenkins publish it: one test case for each check.</summary>
    JUnit,

    /// <summary>OpenMetrics text for a node exporter's textfile collector.</summary>
    OpenMetrics,
}
