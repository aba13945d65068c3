namespace EtcdDr.Engine.Reports.Html;

/// <summary>A line of a timeline.</summary>
/// <param name="Name">Its heading.</param>
/// <param name="Summary">The same in words, for those who do not see it.</param>
/// <param name="Bars">What happened.</param>
internal sealed record TimelineRow(string Name, string Summary, IReadOnlyList<TimelineBar> Bars);
