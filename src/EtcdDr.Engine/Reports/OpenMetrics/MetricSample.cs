namespace EtcdDr.Engine.Reports.OpenMetrics;

/// <summary>A value with its labels.</summary>
/// <param name="Value">The value; null where it is not known.</param>
/// <param name="Labels">Labels.</param>
internal sealed record MetricSample(double? Value, params (string Name, string Value)[] Labels);
