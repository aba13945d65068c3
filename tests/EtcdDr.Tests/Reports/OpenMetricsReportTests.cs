using EtcdDr.Engine.Reports;

namespace EtcdDr.Tests.Reports;

public sealed class OpenMetricsReportTests
{
    [Fact]
    public void The_newest_snapshot_of_each_place_is_told_with_time_size_and_duration()
    {
        var copy = ReportSamples.Snapshot with { ComputerName = null, Path = "/backups/" + ReportSamples.Snapshot.Name };
        var older = copy with
        {
            Name = "etcd_snapshot_2026-11-22_03-20-00",
            Path = "/backups/etcd_snapshot_2026-11-22_03-20-00",
            Created = copy.Created.AddDays(-1),
            Size = 1,
        };

        var metrics = Write(older, copy, ReportSamples.Snapshot);

        Assert.Equal(1795404000, metrics["etcddr_last_snapshot_timestamp_seconds{cluster=\"primary\",location=\"/backups\"}"]);
        Assert.Equal(115_343_360, metrics["etcddr_last_snapshot_size_bytes{cluster=\"primary\",location=\"/backups\"}"]);
        Assert.Equal(12.5, metrics["etcddr_last_snapshot_duration_seconds{cluster=\"primary\",location=\"opc@dr-bastion:/restore\"}"]);
        Assert.Equal(2, metrics["etcddr_snapshots{cluster=\"primary\",location=\"/backups\"}"]);
        Assert.Equal(2, metrics["etcddr_last_snapshot_locations{cluster=\"primary\"}"]);
    }

    [Fact]
    public void A_place_that_has_only_an_older_snapshot_is_not_counted_among_those_that_hold_the_newest()
    {
        var older = ReportSamples.Snapshot with
        {
            ComputerName = null,
            Path = "/backups/older",
            Name = "older",
            Created = ReportSamples.Snapshot.Created.AddDays(-1),
        };

        Assert.Equal(1, Write(older, ReportSamples.Snapshot)["etcddr_last_snapshot_locations{cluster=\"primary\"}"]);
    }

    [Fact]
    public void Checks_say_whether_the_snapshot_was_verified_and_a_drill_stands_apart()
    {
        var metrics = Write([ReportSamples.Snapshot, .. ReportSamples.Tests]);

        const string labels = "{cluster=\"primary\",location=\"opc@dr-bastion:/restore\"";
        Assert.Equal(0, metrics["etcddr_last_snapshot_verified" + labels + "}"]);
        Assert.Equal(1, metrics["etcddr_last_snapshot_findings" + labels + ",severity=\"warning\"}"]);
        Assert.Equal(1, metrics["etcddr_last_snapshot_check_passed" + labels + ",check=\"Files\"}"]);
        Assert.Equal(1, metrics["etcddr_last_drill_success" + labels + "}"]);
        Assert.DoesNotContain(metrics.Keys, k => k.Contains("check=\"Drill\"", StringComparison.Ordinal));
    }

    [Fact]
    public void A_restore_tells_its_downtime_and_what_recovery_was_reached()
    {
        var metrics = Write(
            ReportSamples.Restore,
            ReportSamples.Restore with
            {
                Started = ReportSamples.Restore.Started.AddDays(-7),
                ApiDowntime = TimeSpan.FromSeconds(99),
            }
        );

        const string labels = "{cluster=\"secondary\",kind=\"restore\"}";
        Assert.Equal(14.5, metrics["etcddr_last_restore_api_downtime_seconds" + labels]);
        Assert.Equal(17.5, metrics["etcddr_last_restore_recovery_time_seconds" + labels]);
        Assert.Equal(308, metrics["etcddr_last_restore_recovery_point_seconds" + labels]);
        Assert.Equal(0, metrics["etcddr_last_restore_success" + labels]);
        Assert.Equal(1, metrics["etcddr_last_restore_state{cluster=\"secondary\",kind=\"restore\",state=\"Incomplete\"}"]);
    }

    [Fact]
    public void What_lies_ready_on_a_cluster_tells_how_old_it_is()
    {
        var stage = ReportSamples.Restore with
        {
            State = RestoreState.Staged,
            SnapshotCreated = new DateTime(2026, 11, 22, 0, 0, 0, DateTimeKind.Utc),
        };

        Assert.Equal(1795305600, Write(stage, ReportSamples.Restore)["etcddr_stage_snapshot_timestamp_seconds{cluster=\"secondary\"}"]);
    }

    [Fact]
    public void A_mirror_tells_whether_the_secondary_is_fit_and_the_worst_of_each_check()
    {
        var metrics = Write([.. ReportSamples.Mirror]);

        Assert.Equal(0, metrics["etcddr_mirror_fit{cluster=\"secondary\"}"]);
        Assert.Equal(2, metrics["etcddr_mirror_checks{cluster=\"secondary\",status=\"fail\"}"]);
        Assert.Equal(3, metrics["etcddr_mirror_check_status{cluster=\"secondary\",check=\"Images\"}"]);
    }

    [Fact]
    public void Everything_together_is_strict_OpenMetrics()
    {
        var metrics = Write([.. All()]);

        Assert.Equal(2, metrics["etcddr_inventory_differences{compared_with=\"secondary\",change=\"notready\"}"]);
        Assert.Equal(0, metrics["etcddr_member_healthy{cluster=\"primary\",node=\"cp2\"}"]);
    }

    [Fact]
    public void Labels_keep_quotes_backslashes_and_line_ends()
    {
        var metrics = Write(ReportSamples.Member("pri\"ma\\ry\n", "cp1", true));

        Assert.Contains("etcddr_member_healthy{cluster=\"pri\"ma\\ry\n\",node=\"cp1\"}", metrics.Keys);
    }

    [Fact]
    public void Nothing_is_only_the_end() =>
        Assert.Equal("# EOF\n", ReportFile.Format(new ReportContent(), EtcdReportFormat.OpenMetrics, "x", ReportSamples.Now));

    private static IEnumerable<object> All()
    {
        var all = ReportSamples.Everything();
        return new IEnumerable<object>[]
        {
            all.Restores,
            all.Snapshots,
            all.Tests,
            all.Mirror,
            all.Differences,
            all.Kinds,
            all.Members,
        }.SelectMany(l => l);
    }

    private static Dictionary<string, double> Write(params object[] items) =>
        StrictMetrics.Parse(ReportFile.Format(ReportSamples.Of(items), EtcdReportFormat.OpenMetrics, "x", ReportSamples.Now));
}
