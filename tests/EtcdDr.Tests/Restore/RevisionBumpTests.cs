using EtcdDr.Engine.Journals;
using EtcdDr.Engine.Restore;

namespace EtcdDr.Tests.Restore;

public sealed class RevisionBumpTests
{
    [Theory]
    [InlineData(258, new long[] { 400 })]
    [InlineData(1_000_000_258, new long[] { 2_000_004_400 })]
    [InlineData(5_000, new long[0])]
    [InlineData(9_000_000_000, new long[] { 17 })]
    public void Revisions_never_go_backwards_whatever_was_served_before(long snapshot, long[] served)
    {
        var begins = snapshot + RevisionBump.By(snapshot, served);

        Assert.All(served, s => Assert.True(begins > s, $"{begins} after {s}"));
        Assert.True(begins > snapshot);
    }

    [Fact]
    public void A_restore_of_an_older_snapshot_begins_above_what_the_restore_before_it_began_above_also_where_no_member_answers()
    {
        var earlier = Journal(RestoreState.Completed, raisedTo: 3_000_000_000, before: 2_000_000_000);

        var served = RevisionBump
            .Served(
                [new MemberBefore(false, false, null, null)],
                [earlier, Journal(RestoreState.Staged, raisedTo: 9_000_000_000_000, before: null)]
            )
            .ToList();

        Assert.Equal(3_000_000_000, served.Max());
        Assert.Equal(4_000_000_000, 100 + RevisionBump.By(100, served));
    }

    private static RestoreJournal Journal(RestoreState state, long raisedTo, long? before) =>
        new()
        {
            Id = "r1",
            Cluster = "secondary",
            Snapshot = "s",
            SnapshotPath = "/s",
            DatabaseSha256 = "0",
            Token = "t",
            Created = new DateTime(2026, 11, 23, 3, 0, 0, DateTimeKind.Utc),
            CreatedBy = "opc@bastion",
            State = state,
            RaisedTo = raisedTo,
            Nodes =
            [
                new JournalNode
                {
                    Name = "cp1",
                    MemberName = "cp1",
                    PeerUrls = [],
                    ManifestDirectory = "/m",
                    JournalDirectory = "/j",
                    Components = ["etcd"],
                    WorkDirectory = "/w",
                    DataDirectory = "/d",
                    Units = [],
                    Before = new MemberBefore(true, true, "1", before),
                },
            ],
        };
}
