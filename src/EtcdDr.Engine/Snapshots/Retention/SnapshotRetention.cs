using System.Globalization;

namespace EtcdDr.Engine.Snapshots.Retention;

/// <summary>Decides which snapshots a policy keeps. Looks at nothing but what it is given.</summary>
public static class SnapshotRetention
{
    /// <summary>Decides for each snapshot, newest first. Each cluster at each place is looked at by itself, so that neither a busy one nor
    /// a copy elsewhere pushes out another's.</summary>
    public static IReadOnlyList<RetentionDecision> Decide(IEnumerable<RetentionCandidate> candidates, RetentionPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(candidates);
        ArgumentNullException.ThrowIfNull(policy);
        return candidates
            .GroupBy(c => RetentionGroup.Of(c.Snapshot))
            .SelectMany(cluster =>
                DecideCluster(
                    [.. cluster.OrderByDescending(c => c.Snapshot.Created).ThenByDescending(c => c.Snapshot.Name, StringComparer.Ordinal)],
                    policy
                )
            )
            .OrderByDescending(d => d.Snapshot.Created)
            .ToList();
    }

    private static IEnumerable<RetentionDecision> DecideCluster(List<RetentionCandidate> newestFirst, RetentionPolicy policy)
    {
        var good = newestFirst.Where(c => c.Damage is null).ToList();
        var last = good.Take(policy.KeepLast).ToHashSet();
        var daily = NewestOfEach(good, Day, policy.KeepDaily);
        var weekly = NewestOfEach(good, Week, policy.KeepWeekly);
        var monthly = NewestOfEach(good, Month, policy.KeepMonthly);
        foreach (var candidate in newestFirst)
        {
            var reason = candidate switch
            {
                _ when candidate.NeededBy is { } restore => $"needed by the unfinished restore {restore}",
                _ when candidate.Damage is { } damage => $"damaged ({damage}); look at it and remove it by hand",
                _ when last.Contains(candidate) => policy.KeepLast == 1 ? "the newest" : $"one of the last {policy.KeepLast}",
                _ when daily.Contains(candidate) => $"the newest of {Day(candidate.Snapshot.Created)}",
                _ when weekly.Contains(candidate) => $"the newest of week {Week(candidate.Snapshot.Created)}",
                _ when monthly.Contains(candidate) => $"the newest of month {Month(candidate.Snapshot.Created)}",
                _ when candidate.Snapshot.Label is { } label && policy.KeepLabel?.Invoke(label) == true => $"its label is '{label}'",
                _ when candidate == good[0] => "the last good one",
                _ => null,
            };
            yield return new RetentionDecision(candidate.Snapshot, reason is not null, reason ?? "no rule keeps it");
        }
    }

    private static HashSet<RetentionCandidate> NewestOfEach(
        List<RetentionCandidate> newestFirst,
        Func<DateTime, string> period,
        int count
    ) => newestFirst.GroupBy(c => period(c.Snapshot.Created)).Take(count).Select(g => g.First()).ToHashSet();

    private static string Day(DateTime time) => time.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string Month(DateTime time) => time.ToString("yyyy-MM", CultureInfo.InvariantCulture);

    private static string Week(DateTime time) =>
        string.Create(CultureInfo.InvariantCulture, $"{ISOWeek.GetYear(time)}-W{ISOWeek.GetWeekOfYear(time):00}");
}
