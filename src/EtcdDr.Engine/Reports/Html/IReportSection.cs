namespace EtcdDr.Engine.Reports.Html;

/// <summary>A section of the page, which its beginning lists with a verdict.</summary>
internal interface IReportSection
{
    /// <summary>What it is about.</summary>
    string Heading { get; }

    /// <summary>How good it is.</summary>
    Tone Tone { get; }

    /// <summary>The same in a few words.</summary>
    string Verdict { get; }

    /// <summary>Writes what stands below the heading.</summary>
    void Write(HtmlBuilder html);
}
