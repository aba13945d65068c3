using EtcdDr.Engine.Snapshots.Retention;

namespace EtcdDr.Tests.Snapshots.Retention;

public sealed class SnapshotRetentionTests
{
    private static readonly DateTime Monday = new(2026, 11, 23, 12, 0, 0, DateTimeKind.Utc);

    [Fact]
    public void The_newest_of_each_rule_are_kept_and_each_says_why()
    {
        // Four a day for three weeks, newest first.
        var all = Enumerable.Range(0, 84).Select(i => At(Monday.AddHours(-6 * i))).ToList();

        var kept = Kept(
            SnapshotRetention.Decide(
                all,
                new RetentionPolicy
                {
                    KeepLast = 2,
                    KeepDaily = 3,
                    KeepWeekly = 3,
                }
            )
        );

        Assert.Equal(
            [
                ("2026-11-23_12", "one of the last 2"),
                ("2026-11-23_06", "one of the last 2"),
                ("2026-11-22_18", "the newest of 2026-11-22"),
                ("2026-11-21_18", "the newest of 2026-11-21"),
                ("2026-11-15_18", "the newest of week 2026-W46"),
            ],
            kept
        );
    }

    [Fact]
    public void The_last_good_one_is_kept_by_whatever_policy()
    {
        var decisions = SnapshotRetention.Decide([At(Monday), At(Monday.AddDays(-1)), At(Monday.AddDays(-2))], new RetentionPolicy());

        Assert.Equal(("2026-11-23_12", "the last good one"), Assert.Single(Kept(decisions)));
    }

    [Fact]
    public void A_damaged_one_counts_for_no_rule_and_is_left_to_people()
    {
        var decisions = SnapshotRetention.Decide(
            [At(Monday) with { Damage = "one byte" }, At(Monday.AddDays(-1)), At(Monday.AddDays(-2))],
            new RetentionPolicy { KeepLast = 1 }
        );

        Assert.Equal(
            [("2026-11-23_12", "damaged (one byte); look at it and remove it by hand"), ("2026-11-22_12", "the newest")],
            Kept(decisions)
        );
    }

    [Fact]
    public void One_that_a_restore_needs_and_one_with_a_label_stay()
    {
        var needed = At(Monday.AddDays(-10)) with { NeededBy = "restore_attempted_x" };
        var labelled = At(Monday.AddDays(-11));
        labelled = labelled with { Snapshot = labelled.Snapshot with { Label = "gold master" } };

        var decisions = SnapshotRetention.Decide(
            [At(Monday), At(Monday.AddDays(-1)), needed, labelled],
            new RetentionPolicy { KeepLast = 1, KeepLabel = l => l.StartsWith("gold", StringComparison.Ordinal) }
        );

        Assert.Equal(["2026-11-23_12", "2026-11-13_12", "2026-11-12_12"], Kept(decisions).Select(k => k.Name));
    }

    [Fact]
    public void Clusters_do_not_push_out_each_other()
    {
        var other = At(Monday.AddDays(-30));
        other = other with { Snapshot = other.Snapshot with { Cluster = "other" } };

        var decisions = SnapshotRetention.Decide([At(Monday), At(Monday.AddDays(-1)), other], new RetentionPolicy { KeepLast = 1 });

        Assert.Equal(["2026-11-23_12", "2026-10-24_12"], Kept(decisions).Select(k => k.Name));
    }

    [Fact]
    public void The_newest_of_each_month_is_kept()
    {
        var all = Enumerable.Range(0, 100).Select(i => At(Monday.AddDays(-i)));

        var kept = Kept(SnapshotRetention.Decide(all, new RetentionPolicy { KeepMonthly = 3 }));

        Assert.Equal(
            [
                ("2026-11-23_12", "the newest of month 2026-11"),
                ("2026-10-31_12", "the newest of month 2026-10"),
                ("2026-09-30_12", "the newest of month 2026-09"),
            ],
            kept
        );
    }

    [Fact]
    public void Snapshots_from_before_a_restore_count_with_those_after_it_although_etcd_has_another_id()
    {
        var all = Enumerable
            .Range(0, 4)
            .Select(i => At(Monday.AddDays(-i)))
            .Select(
                (c, i) =>
                    c with
                    {
                        Snapshot = c.Snapshot with { ClusterId = i < 2 ? "new" : "old", Cluster = i % 2 == 0 ? "primary" : "Primary" },
                    }
            );

        Assert.Equal(
            ("2026-11-23_12", "the newest"),
            Assert.Single(Kept(SnapshotRetention.Decide(all, new RetentionPolicy { KeepLast = 1 })))
        );
    }

    [Fact]
    public void Snapshots_without_a_cluster_s_name_are_told_apart_by_its_id()
    {
        var all = new[] { At(Monday), At(Monday.AddDays(-1)) }.Select(
            (c, i) => c with { Snapshot = c.Snapshot with { Cluster = null, ClusterId = $"{i}" } }
        );

        Assert.Equal(2, Kept(SnapshotRetention.Decide(all, new RetentionPolicy { KeepLast = 1 })).Count);
    }

    [Fact]
    public void A_copy_at_another_place_counts_for_itself()
    {
        var here = new[] { At(Monday), At(Monday.AddDays(-1)), At(Monday.AddDays(-2)) };
        var there = here.Select(c => c with { Snapshot = c.Snapshot with { ComputerName = "opc@dr" } });

        var kept = SnapshotRetention.Decide([.. here, .. there], new RetentionPolicy { KeepLast = 2 }).Where(d => d.Keep).ToList();

        Assert.Equal([null, "opc@dr", null, "opc@dr"], kept.Select(d => d.Snapshot.ComputerName));
    }

    [Fact]
    public void Weeks_are_iso_weeks_across_the_new_year()
    {
        var all = new[] { new DateTime(2027, 1, 3, 0, 0, 0, DateTimeKind.Utc), new DateTime(2026, 12, 28, 0, 0, 0, DateTimeKind.Utc) };

        var decisions = SnapshotRetention.Decide(all.Select(At), new RetentionPolicy { KeepWeekly = 5 });

        Assert.Equal(("2027-01-03_00", "the newest of week 2026-W53"), Assert.Single(Kept(decisions)));
    }

    private static RetentionCandidate At(DateTime time) =>
        new(
            new EtcdSnapshot
            {
                Name = time.ToString("yyyy-MM-dd_HH", System.Globalization.CultureInfo.InvariantCulture),
                Path = "/b/x",
                Created = time,
                Cluster = "primary",
            },
            null,
            null
        );

    private static List<(string Name, string Reason)> Kept(IEnumerable<RetentionDecision> decisions) =>
        [.. decisions.Where(d => d.Keep).Select(d => (d.Snapshot.Name, d.Reason))];
}
