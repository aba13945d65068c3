using System.Text;

namespace EtcdDr.Engine.Reports.JUnit;

/// <summary>Turns what a report tells of into test cases. A case fails where the <c>-FailOn...</c> switch of the cmdlet would
/// fail.</summary>
internal static class JUnitSuites
{
    /// <summary>All suites.</summary>
    public static IEnumerable<JUnitSuite> From(ReportContent content) =>
        [
            .. content.Restores.Select(Restore),
            .. content.Mirror.GroupBy(c => (c.Primary, c.Secondary)).Select(g => Mirror([.. g])),
            .. content.Snapshots.Select(s => Snapshot(s.ToString(), s, content)),
            .. content
                .Tests.Where(t => content.SnapshotOf(t) is null)
                .Select(t => t.Snapshot)
                .Distinct(StringComparer.Ordinal)
                .Select(place => Snapshot(place, null, content)),
            .. content.Kinds.GroupBy(k => k.ComparedWith).Select(g => Kinds(g.Key, [.. g])),
            .. content.Differences.GroupBy(d => d.ComparedWith).Select(g => Differences(g.Key, [.. g])),
            .. content.Members.GroupBy(m => m.Cluster).Select(g => Members(g.Key, [.. g])),
        ];

    private static JUnitSuite Restore(EtcdRestore restore)
    {
        var name = $"EtcdDr.Restore.{restore.Cluster}";
        var steps = restore
            .Steps.GroupBy(s => (s.Phase, s.Name))
            .Select(step =>
            {
                var failed = step.Where(s => s.Outcome == "Failed" || s.Finished is null).ToList();
                return new JUnitCase(
                    name,
                    $"{step.Key.Phase}: {step.Key.Name}",
                    failed.Count == 0 ? JUnitOutcome.Passed : JUnitOutcome.Failed,
                    failed.Count == 0 ? "" : Told(failed[0])
                )
                {
                    Time = (step.Max(s => s.Finished) ?? step.Max(s => s.Started)) - step.Min(s => s.Started),
                    Detail = Lines(
                        (failed.Count == 0 ? step : failed.AsEnumerable())
                            .Where(s => failed.Count > 0 || s.Message is not null)
                            .Select(Told)
                    ),
                };
            });
        var good = restore.State is RestoreState.Completed or RestoreState.Undone or RestoreState.Staged;
        var end = new JUnitCase(name, "State", good ? JUnitOutcome.Passed : JUnitOutcome.Failed, $"{restore.State}: {restore.Message}")
        {
            Time = restore.Duration ?? TimeSpan.Zero,
            Kind = restore.State.ToString(),
            Detail = Lines(
                restore
                    .NotReady.Select(n => $"Not ready: {n.Kind} {(n.Namespace is null ? n.Name : $"{n.Namespace}/{n.Name}")}: {n.Reason}")
                    .Prepend(restore.Message ?? "")
            ),
        };
        return new JUnitSuite($"Restore {restore.Id} into {restore.Cluster}", [.. steps, end])
        {
            Time = restore.Started,
            Properties =
            [
                ("snapshot", restore.SnapshotPath ?? restore.Snapshot),
                ("state", restore.State.ToString()),
                ("apiDowntimeSeconds", JUnitReport.Seconds(restore.ApiDowntime)),
                ("recoveryTimeSeconds", JUnitReport.Seconds(restore.TimeToApi)),
                ("recoveryPointSeconds", JUnitReport.Seconds(restore.SnapshotAge)),
                ("logs", restore.LogPath),
            ],
        };
    }

    private static string Told(RestoreStepResult step) =>
        $"{(step.Node is null ? "" : step.Node + ": ")}{step.Message ?? (step.Finished is null ? "It did not end." : "It failed.")}";

    private static JUnitSuite Mirror(IReadOnlyList<MirrorCheck> checks)
    {
        var secondary = checks[0].Secondary ?? "secondary";
        var cases = checks
            .GroupBy(c => (c.Category, c.Name, c.Node))
            .Select(group =>
            {
                var worst = group.MaxBy(c => c.Status)!;
                return new JUnitCase(
                    $"EtcdDr.Mirror.{secondary}.{group.Key.Category}",
                    group.Key.Node is null ? group.Key.Name : $"{group.Key.Name} ({group.Key.Node})",
                    worst.Status switch
                    {
                        MirrorStatus.Fail => JUnitOutcome.Failed,
                        MirrorStatus.Information => JUnitOutcome.Skipped,
                        _ => JUnitOutcome.Passed,
                    },
                    worst.Message
                )
                {
                    Detail = Lines(group.Select(c => $"{c.Status}: {c.Message}{(c.Remedy is null ? "" : $" {c.Remedy}")}")),
                };
            });
        return new JUnitSuite($"Mirror {checks[0].Primary ?? "primary"} to {secondary}", [.. cases]);
    }

    private static JUnitSuite Snapshot(string place, EtcdSnapshot? snapshot, ReportContent content)
    {
        var name = $"EtcdDr.Snapshot.{snapshot?.Cluster ?? "unknown"}";
        var cases = content
            .Tests.Where(t => t.Snapshot == place)
            .GroupBy(t => t.Check)
            .Select(check =>
            {
                var worst = check.MaxBy(t => t.Severity)!;
                return new JUnitCase(name, check.Key, worst.Success ? JUnitOutcome.Passed : JUnitOutcome.Failed, worst.Message)
                {
                    Time = check.Max(t => t.Elapsed),
                    Kind = worst.Severity.ToString(),
                    Detail = Lines(
                        check.Select(t =>
                            $"{(t.Target is null ? "" : t.Target + ": ")}{t.Message}{(t.Remedy is null ? "" : $" {t.Remedy}")}"
                        )
                    ),
                };
            });
        if (snapshot is null)
        {
            return new JUnitSuite($"Snapshot {place}", [.. cases]);
        }

        var there = new JUnitCase(name, "Present", JUnitOutcome.Passed, "")
        {
            Time = snapshot.TakenIn ?? TimeSpan.Zero,
            Detail = $"{place}, {HumanText.Size(snapshot.Size)}",
        };
        return new JUnitSuite($"Snapshot {place}", [there, .. cases])
        {
            Properties =
            [
                ("cluster", snapshot.Cluster),
                ("created", snapshot.Created.ToString("O")),
                ("etcd", snapshot.EtcdVersion),
                ("kubernetes", snapshot.KubernetesVersion),
                ("revision", snapshot.Revision?.ToString()),
                ("hashKv", snapshot.HashKv?.ToString()),
            ],
        };
    }

    private static JUnitSuite Kinds(string comparedWith, IReadOnlyList<InventoryKindSummary> kinds) =>
        new(
            $"Objects of {comparedWith}",
            [
                .. kinds.Select(kind =>
                {
                    var said =
                        $"{kind.InSnapshot} in the snapshot, {kind.Compared} compared: {kind.Missing} missing, {kind.Added} added, "
                        + $"{kind.Changed} changed, {kind.NotReady} not ready";
                    var same = kind.Missing + kind.Added + kind.Changed + kind.NotReady == 0;
                    return new JUnitCase(
                        $"EtcdDr.Objects.{comparedWith}",
                        kind.Group.Length == 0 ? kind.Kind : $"{kind.Kind}.{kind.Group}",
                        same ? JUnitOutcome.Passed : JUnitOutcome.Failed,
                        said
                    )
                    {
                        Kind = "Differs",
                        Detail = said,
                    };
                }),
            ]
        );

    private static JUnitSuite Differences(string comparedWith, IReadOnlyList<InventoryDifference> differences) =>
        new(
            $"Differences of {comparedWith}",
            [
                .. differences.Select(item => new JUnitCase(
                    $"EtcdDr.Differences.{comparedWith}",
                    $"{item.Kind} {(item.Namespace is null ? item.Name : $"{item.Namespace}/{item.Name}")}",
                    JUnitOutcome.Failed,
                    item.Message ?? item.Change.ToString()
                )
                {
                    Kind = item.Change.ToString(),
                    Detail = item.Message,
                }),
            ]
        );

    private static JUnitSuite Members(string cluster, IReadOnlyList<EtcdMemberStatus> members) =>
        new(
            $"etcd of {cluster}",
            [
                .. members.Select(member => new JUnitCase(
                    $"EtcdDr.Members.{cluster}",
                    member.Node,
                    member.Healthy ? JUnitOutcome.Passed : JUnitOutcome.Failed,
                    string.Join("; ", member.Alarms.Concat(member.Errors))
                )
                {
                    Kind = "NotHealthy",
                    Detail = Lines(member.Alarms.Concat(member.Errors)),
                }),
            ]
        );

    private static string Lines(IEnumerable<string> lines) => new StringBuilder().AppendJoin('\n', lines).ToString();
}
