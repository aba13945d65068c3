using EtcdDr.Engine.Etcd;
using EtcdDr.Engine.Snapshots;

namespace EtcdDr.Tests.Snapshots;

public sealed class SnapshotSourceTests
{
    [Fact]
    public void Leader_is_the_source()
    {
        var source = SnapshotSource.Choose(
            "primary",
            [Member("m1", 1, leader: 2), Member("m2", 2, leader: 2), Member("m3", 3, leader: 2)],
            force: false
        );

        Assert.Equal("m2", source.Node);
        Assert.Equal("m2", source.Leader);
        Assert.Empty(source.Warnings);
    }

    [Fact]
    public void Without_the_leader_at_hand_the_member_that_applied_most_is_the_source()
    {
        var source = SnapshotSource.Choose(
            "primary",
            [Member("m1", 1, leader: 2, applied: 7), Down("m2"), Member("m3", 3, leader: 2, applied: 9)],
            force: false
        );

        Assert.Equal("m3", source.Node);
        Assert.Contains("m2", Assert.Single(source.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Learner_is_never_the_source()
    {
        var source = SnapshotSource.Choose(
            "primary",
            [Member("m1", 1, leader: 9, applied: 7), Member("m2", 2, leader: 9, applied: 100, learner: true)],
            force: false
        );

        Assert.Equal("m1", source.Node);
        Assert.Equal(
            "NoSnapshotSource",
            Assert
                .Throws<EtcdDrException>(() => SnapshotSource.Choose("primary", [Member("m2", 2, leader: 9, learner: true)], force: true))
                .ErrorId
        );
    }

    [Fact]
    public void Nobody_answering_is_an_error_that_tells_each_reason_and_what_to_do_about_the_first()
    {
        var error = Assert.Throws<EtcdDrException>(() => SnapshotSource.Choose("primary", [Down("m1"), Down("m2")], force: true));

        Assert.Equal("NoEtcdMemberAnswered", error.ErrorId);
        Assert.Contains("m1 is away", error.Message, StringComparison.Ordinal);
        Assert.Contains("m2 is away", error.Message, StringComparison.Ordinal);
        Assert.Equal(Down("m1").Failure!.RecommendedAction, error.RecommendedAction);
    }

    [Fact]
    public void No_leader_is_refused_unless_forced()
    {
        SnapshotMember[] members = [Member("m1", 1, leader: 0, applied: 5), Member("m2", 2, leader: 0, applied: 6)];

        Assert.Equal("EtcdNoLeader", Assert.Throws<EtcdDrException>(() => SnapshotSource.Choose("primary", members, force: false)).ErrorId);
        var source = SnapshotSource.Choose("primary", members, force: true);
        Assert.Equal("m2", source.Node);
        Assert.Null(source.Leader);
        Assert.Contains("no leader", Assert.Single(source.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Corruption_is_refused_and_with_force_the_corrupt_member_is_not_the_source()
    {
        SnapshotMember[] members = [Member("m1", 1, leader: 1, alarms: new EtcdAlarm(1, "CORRUPT")), Member("m2", 2, leader: 1)];

        Assert.Equal("EtcdCorrupt", Assert.Throws<EtcdDrException>(() => SnapshotSource.Choose("primary", members, force: false)).ErrorId);
        Assert.Equal("m2", SnapshotSource.Choose("primary", members, force: true).Node);
    }

    [Fact]
    public void Lack_of_space_in_etcd_is_only_a_warning()
    {
        var source = SnapshotSource.Choose("primary", [Member("m1", 1, leader: 1, alarms: new EtcdAlarm(1, "NOSPACE"))], force: false);

        Assert.Contains("m1", Assert.Single(source.Warnings), StringComparison.Ordinal);
        Assert.Contains("NOSPACE", source.Warnings[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Members_of_two_clusters_are_refused()
    {
        var error = Assert.Throws<EtcdDrException>(() =>
            SnapshotSource.Choose(
                "primary",
                [Member("m1", 1, leader: 1, cluster: 10), Member("m2", 2, leader: 2, cluster: 11)],
                force: true
            )
        );

        Assert.Equal("EtcdMembersDisagree", error.ErrorId);
    }

    private static SnapshotMember Member(
        string name,
        ulong id,
        ulong leader,
        ulong applied = 1,
        bool learner = false,
        ulong cluster = 77,
        params EtcdAlarm[] alarms
    ) =>
        new(
            name,
            new EtcdServerStatus
            {
                Version = "3.6.5",
                ClusterId = cluster,
                MemberId = id,
                LeaderId = leader,
                RaftAppliedIndex = applied,
                IsLearner = learner,
                Alarms = alarms,
            },
            null,
            [new EtcdMember(id, name, [], [], learner)]
        );

    private static SnapshotMember Down(string name) =>
        new(name, null, new EtcdDrException("EtcdUnreachable", EtcdDrErrorCategory.ConnectionError, $"{name} is away.", "Wait."), []);
}
