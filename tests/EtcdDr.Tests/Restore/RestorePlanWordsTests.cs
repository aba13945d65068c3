using EtcdDr.Engine.Restore;

namespace EtcdDr.Tests.Restore;

public sealed class RestorePlanWordsTests
{
    private static readonly DateTime Now = new(2026, 11, 23, 4, 0, 0, DateTimeKind.Utc);

    private static readonly RestorePlan Plan = new()
    {
        Id = "r1",
        Cluster = "secondary",
        Snapshot = "etcd_snapshot_2026-11-22_23-53-31",
        SnapshotCluster = "primary",
        SnapshotCreated = new DateTime(2026, 11, 22, 23, 53, 31, DateTimeKind.Utc),
        SnapshotLabel = "before the upgrade",
        SnapshotRevision = 4258,
        TargetRevision = 2_000_004_400,
        TargetNewestChange = Now.AddMinutes(-3),
        TargetNewestKey = "/registry/leases/kube-system/kube-scheduler",
        TargetWritten = Now.AddMinutes(-2),
        RaisedTo = 3_000_004_400,
        Made = Now,
        Nodes = [],
        Steps = [],
    };

    [Fact]
    public void A_plan_names_whose_snapshot_it_is_of_when_how_old_its_label_and_its_revision() =>
        Assert.Contains(
            "of cluster 'primary', taken 2026-11-22 23:53:31Z (4 h ago), 'before the upgrade', revision 4258.",
            RestorePlanText.Format(Plan),
            StringComparison.Ordinal
        );

    [Fact]
    public void A_plan_names_what_is_overwritten_its_newest_change_and_how_that_is_known()
    {
        var text = RestorePlanText.Format(Plan);

        Assert.Contains(
            "It overwrites: cluster 'secondary' at revision 2000004400, newest change 2026-11-23 03:57:00Z (3 min ago) (by the metadata of "
                + "/registry/leases/kube-system/kube-scheduler, among the last records of its database), its database last written "
                + "2026-11-23 03:58:00Z (2 min ago) (by the node's clock).",
            text,
            StringComparison.Ordinal
        );
        Assert.Contains("Revisions begin above 3000004400.", text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_not_known_is_said_not_to_be()
    {
        var text = RestorePlanText.Format(
            Plan with
            {
                SnapshotCluster = null,
                SnapshotLabel = null,
                SnapshotRevision = null,
                TargetRevision = null,
                TargetNewestChange = null,
                TargetWritten = null,
                RaisedTo = null,
            }
        );

        Assert.Contains("of a cluster that it does not name, taken 2026-11-22 23:53:31Z (4 h ago).", text, StringComparison.Ordinal);
        Assert.Contains(
            "cluster 'secondary', whose revision could not be read; no member's database file could be read.",
            text,
            StringComparison.Ordinal
        );
    }
}
