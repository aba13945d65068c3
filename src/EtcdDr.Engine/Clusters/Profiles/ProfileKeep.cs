namespace EtcdDr.Engine.Clusters.Profiles;

/// <summary>Which snapshots of a cluster are kept at a place; one that any rule keeps stays.</summary>
/// <param name="Last">How many of the newest.</param>
/// <param name="Daily">For how many days the newest of the day.</param>
/// <param name="Weekly">For how many weeks the newest of the week.</param>
/// <param name="Monthly">For how many months the newest of the month.</param>
/// <param name="Labels">Labels of those that always stay; <c>*</c> and <c>?</c> are allowed.</param>
public sealed record ProfileKeep(int Last, int Daily, int Weekly, int Monthly, IReadOnlyList<string> Labels);
