namespace EtcdDr.Engine.Reports.OpenMetrics;

/// <summary>Checks of one snapshot.</summary>
/// <param name="Labels">Cluster and place.</param>
/// <param name="Created">When it was taken, where that is known.</param>
/// <param name="Tests">The checks.</param>
internal sealed record TestedSnapshot((string Name, string Value)[] Labels, DateTime? Created, IReadOnlyList<EtcdSnapshotTest> Tests);
