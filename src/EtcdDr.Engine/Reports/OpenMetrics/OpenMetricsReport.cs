using EtcdDr.Engine.Snapshots.Verification;

namespace EtcdDr.Engine.Reports.OpenMetrics;

/// <summary>
/// What a monitoring wants to know: the newest of each kind, without names that change every night, so that series go on. Where a snapshot
/// lies is the label <c>location</c>: its directory, with the host in front.
/// </summary>
internal static class OpenMetricsReport
{
    /// <summary>Writes it.</summary>
    public static string Write(ReportContent content)
    {
        var metrics = new MetricWriter();
        Snapshots(metrics, content);
        Verification(metrics, content);
        Drills(metrics, content);
        Restores(metrics, content);
        Mirror(metrics, content);
        Differences(metrics, content);
        Members(metrics, content);
        return metrics.ToString();
    }

    private static void Snapshots(MetricWriter metrics, ReportContent content)
    {
        var places = content
            .Snapshots.GroupBy(s => (Cluster: s.Cluster ?? "", Location: Parent(s.ToString())))
            .Select(g => (g.Key.Cluster, g.Key.Location, Count: g.Count(), Newest: g.MaxBy(s => s.Created)!))
            .ToList();
        void Each(string name, string? unit, string help, Func<EtcdSnapshot, double?> value) =>
            metrics.Gauge(
                name,
                unit,
                help,
                places.Select(p => new MetricSample(value(p.Newest), ("cluster", p.Cluster), ("location", p.Location)))
            );

        metrics.Gauge(
            "etcddr_snapshots",
            null,
            "Snapshots that were told of.",
            places.Select(p => new MetricSample(p.Count, ("cluster", p.Cluster), ("location", p.Location)))
        );
        Each("etcddr_last_snapshot_timestamp_seconds", "seconds", "When the newest snapshot was taken, Unix time.", s => Unix(s.Created));
        Each("etcddr_last_snapshot_duration_seconds", "seconds", "How long taking the newest snapshot took.", s => s.TakenIn?.TotalSeconds);
        Each("etcddr_last_snapshot_size_bytes", "bytes", "Size of all files of the newest snapshot.", s => s.Size);
        Each("etcddr_last_snapshot_database_size_bytes", "bytes", "Size of the newest snapshot's database.", s => s.DbSize);
        Each("etcddr_last_snapshot_keys", null, "Live keys in the newest snapshot.", s => s.KeyCount);
        Each("etcddr_last_snapshot_revision", null, "Revision of the newest snapshot's keyspace.", s => s.Revision);
        metrics.Gauge(
            "etcddr_last_snapshot_locations",
            null,
            "Places that hold the newest snapshot of the cluster.",
            places
                .GroupBy(p => p.Cluster)
                .Select(cluster =>
                {
                    var newest = cluster.MaxBy(p => p.Newest.Created).Newest.Name;
                    return new MetricSample(cluster.Count(p => p.Newest.Name == newest), ("cluster", cluster.Key));
                })
        );
    }

    private static void Verification(MetricWriter metrics, ReportContent content)
    {
        var tested = Newest(content, t => t.Check != VerificationChecks.Drill);
        metrics.Gauge(
            "etcddr_last_snapshot_verified",
            null,
            "Whether the checks of the newest snapshot that was tested found nothing: 1 or 0.",
            tested.Select(t => Sample(t.Tests.All(c => c.Success), t.Labels))
        );
        metrics.Gauge(
            "etcddr_last_snapshot_findings",
            null,
            "Findings of the newest snapshot that was tested, by severity.",
            tested.SelectMany(t =>
                new[] { SnapshotTestSeverity.Warning, SnapshotTestSeverity.Error }.Select(severity => new MetricSample(
                    t.Tests.Count(c => c.Severity == severity),
                    [.. t.Labels, ("severity", severity.ToString().ToLowerInvariant())]
                ))
            )
        );
        metrics.Gauge(
            "etcddr_last_snapshot_check_passed",
            null,
            "Whether a check of the newest snapshot that was tested passed: 1 or 0.",
            tested.SelectMany(t =>
                t.Tests.GroupBy(c => c.Check).Select(check => Sample(check.All(c => c.Success), [.. t.Labels, ("check", check.Key)]))
            )
        );
    }

    private static void Drills(MetricWriter metrics, ReportContent content)
    {
        var drills = Newest(content, t => t.Check == VerificationChecks.Drill);
        metrics.Gauge(
            "etcddr_last_drill_success",
            null,
            "Whether the newest snapshot that was restored for a drill served what it holds: 1 or 0.",
            drills.Select(d => Sample(d.Tests.All(c => c.Success), d.Labels))
        );
        metrics.Gauge(
            "etcddr_last_drill_duration_seconds",
            "seconds",
            "How long that drill took.",
            drills.Select(d => new MetricSample(d.Tests.Max(c => c.Elapsed).TotalSeconds, d.Labels))
        );
        metrics.Gauge(
            "etcddr_last_drill_snapshot_timestamp_seconds",
            "seconds",
            "When the snapshot of that drill was taken, Unix time.",
            drills.Select(d => new MetricSample(d.Created is { } at ? Unix(at) : null, d.Labels))
        );
    }

    private static void Restores(MetricWriter metrics, ReportContent content)
    {
        var newest = content
            .Restores.GroupBy(r => (r.Cluster, Kind: r.Steps.Any(s => s.Phase == "Undo") ? "undo" : "restore"))
            .Select(g => (Labels: new[] { ("cluster", g.Key.Cluster), ("kind", g.Key.Kind) }, Restore: g.MaxBy(r => r.Started)!))
            .ToList();
        void Each(string name, string? unit, string help, Func<EtcdRestore, double?> value) =>
            metrics.Gauge(name, unit, help, newest.Select(n => new MetricSample(value(n.Restore), n.Labels)));

        Each(
            "etcddr_last_restore_timestamp_seconds",
            "seconds",
            "When the newest restore, or undoing of one, ended, Unix time.",
            r => r.Finished is { } at ? Unix(at) : null
        );
        Each(
            "etcddr_last_restore_success",
            null,
            "Whether it ended as it should: 1 or 0.",
            r => r.State is RestoreState.Completed or RestoreState.Undone or RestoreState.Staged ? 1 : 0
        );
        metrics.Gauge(
            "etcddr_last_restore_state",
            null,
            "Its state, as a label; always 1.",
            newest.Select(n => new MetricSample(1, [.. n.Labels, ("state", n.Restore.State.ToString())]))
        );
        Each("etcddr_last_restore_duration_seconds", "seconds", "How long it took in all.", r => r.Duration?.TotalSeconds);
        Each("etcddr_last_restore_api_downtime_seconds", "seconds", "How long no apiserver was ready.", r => r.ApiDowntime?.TotalSeconds);
        Each(
            "etcddr_last_restore_recovery_time_seconds",
            "seconds",
            "Time from its beginning until an apiserver was ready again (RTO).",
            r => r.TimeToApi?.TotalSeconds
        );
        Each(
            "etcddr_last_restore_recovery_point_seconds",
            "seconds",
            "Age of the snapshot when the API was stopped (RPO).",
            r => r.SnapshotAge?.TotalSeconds
        );
        Each("etcddr_last_restore_not_ready", null, "Objects that were not ready when its waiting time ended.", r => r.NotReady.Count);
        metrics.Gauge(
            "etcddr_stage_snapshot_timestamp_seconds",
            "seconds",
            "When the snapshot was taken that lies ready on the cluster's nodes, Unix time.",
            content
                .Restores.Where(r => r is { State: RestoreState.Staged, SnapshotCreated: not null })
                .GroupBy(r => r.Cluster)
                .Select(g => new MetricSample(Unix(g.Max(r => r.SnapshotCreated)!.Value), ("cluster", g.Key)))
        );
    }

    private static void Mirror(MetricWriter metrics, ReportContent content)
    {
        var sites = content.Mirror.GroupBy(c => c.Secondary ?? "").ToList();
        metrics.Gauge(
            "etcddr_mirror_fit",
            null,
            "Whether no check says that the secondary could not take the primary's state: 1 or 0.",
            sites.Select(s => Sample(s.All(c => c.Status != MirrorStatus.Fail), ("cluster", s.Key)))
        );
        metrics.Gauge(
            "etcddr_mirror_checks",
            null,
            "Checks of the secondary by outcome.",
            sites.SelectMany(site =>
                Enum.GetValues<MirrorStatus>()
                    .Select(status => new MetricSample(
                        site.Count(c => c.Status == status),
                        ("cluster", site.Key),
                        ("status", status.ToString().ToLowerInvariant())
                    ))
            )
        );
        metrics.Gauge(
            "etcddr_mirror_check_status",
            null,
            "The worst outcome of a check: 0 pass, 1 information, 2 warning, 3 fail.",
            sites.SelectMany(site =>
                site.GroupBy(c => c.Name)
                    .Select(check => new MetricSample((int)check.Max(c => c.Status), ("cluster", site.Key), ("check", check.Key)))
            )
        );
    }

    private static void Differences(MetricWriter metrics, ReportContent content)
    {
        var compared = content
            .Kinds.Select(k => k.ComparedWith)
            .Concat(content.Differences.Select(d => d.ComparedWith))
            .Distinct(StringComparer.Ordinal)
            .ToList();
        metrics.Gauge(
            "etcddr_inventory_differences",
            null,
            "Objects that differ from the snapshot, by how.",
            compared.SelectMany(with =>
                Enum.GetValues<InventoryChange>()
                    .Select(change => new MetricSample(
                        Count(content, with, change),
                        ("compared_with", with),
                        ("change", change.ToString().ToLowerInvariant())
                    ))
            )
        );
    }

    private static int Count(ReportContent content, string comparedWith, InventoryChange change)
    {
        var kinds = content.Kinds.Where(k => k.ComparedWith == comparedWith).ToList();
        return kinds.Count == 0
            ? content.Differences.Count(d => d.ComparedWith == comparedWith && d.Change == change)
            : kinds.Sum(k =>
                change switch
                {
                    InventoryChange.Missing => k.Missing,
                    InventoryChange.Added => k.Added,
                    InventoryChange.Changed => k.Changed,
                    _ => k.NotReady,
                }
            );
    }

    private static void Members(MetricWriter metrics, ReportContent content)
    {
        var members = content.Members.DistinctBy(m => (m.Cluster, m.Node)).ToList();
        metrics.Gauge(
            "etcddr_member_healthy",
            null,
            "Whether the etcd member answered, has a leader and reports neither alarm nor error: 1 or 0.",
            members.Select(m => Sample(m.Healthy, Labels(m)))
        );
        metrics.Gauge(
            "etcddr_member_database_size_bytes",
            "bytes",
            "Size of the etcd member's database.",
            members.Where(m => m.DbSize > 0).Select(m => new MetricSample(m.DbSize, Labels(m)))
        );
    }

    private static (string Name, string Value)[] Labels(EtcdMemberStatus member) => [("cluster", member.Cluster), ("node", member.Node)];

    /// <summary>Checks of the newest snapshot at each place.</summary>
    private static List<TestedSnapshot> Newest(ReportContent content, Func<EtcdSnapshotTest, bool> which) =>
        [
            .. content
                .Tests.Where(which)
                .GroupBy(t => t.Snapshot)
                .Select(g => (Place: g.Key, Tests: g.ToList(), Snapshot: content.SnapshotOf(g.First())))
                .GroupBy(t => (Cluster: t.Snapshot?.Cluster ?? "", Location: Parent(t.Place)))
                .Select(g =>
                    (
                        g.Key,
                        Newest: g.OrderBy(t => t.Snapshot?.Created ?? DateTime.MinValue).ThenBy(t => t.Place, StringComparer.Ordinal).Last()
                    )
                )
                .Select(g => new TestedSnapshot(
                    [("cluster", g.Key.Cluster), ("location", g.Key.Location)],
                    g.Newest.Snapshot?.Created,
                    g.Newest.Tests
                )),
        ];

    private static MetricSample Sample(bool good, params (string Name, string Value)[] labels) => new(good ? 1 : 0, labels);

    private static string Parent(string place)
    {
        var slash = place.TrimEnd('/').LastIndexOfAny(['/', '\\']);
        return slash <= 0 ? "/" : place[..slash];
    }

    private static double Unix(DateTime time) =>
        Math.Round((DateTime.SpecifyKind(time, DateTimeKind.Utc) - DateTime.UnixEpoch).TotalSeconds, 3);
}
