namespace EtcdDr.Engine.Reports.Html;

/// <summary>Something that took time.</summary>
/// <param name="From">When it began, UTC.</param>
/// <param name="To">When it ended, UTC.</param>
/// <param name="Kind">Class of its colour in the style sheet.</param>
/// <param name="Label">What stands in it where there is room.</param>
/// <param name="Detail">What a pointer shows.</param>
internal sealed record TimelineBar(DateTime From, DateTime To, string Kind, string Label, string Detail);
