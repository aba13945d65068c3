using EtcdDr.Engine.Etcd;
using EtcdDr.Engine.Etcd.Database;
using EtcdDr.Engine.Journals;
using EtcdDr.Engine.Restore;
using EtcdDr.Tests.Mirror;

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

    [Theory]
    [InlineData(RestoreState.Staged, 500, true)]
    [InlineData(RestoreState.Staged, 499, false)]
    [InlineData(RestoreState.CuttingOver, 900, false)]
    public void A_stage_that_begins_below_what_was_served_since_is_built_anew(RestoreState state, long served, bool outdated) =>
        Assert.Equal(outdated, RevisionBump.IsOutdated(Journal(state, raisedTo: 500, before: 1), [served]));

    [Fact]
    public void A_member_that_is_down_counts_with_the_last_revision_of_its_database_file()
    {
        var site = MirrorSamples.Site("10.0.1.");
        var down = site with
        {
            Members = [.. site.Members.Select(m => m with { Revision = 0, Healthy = false })],
            Nodes =
            [
                .. site.Nodes.Select(n =>
                    n.Facts is null ? n : n with { Facts = n.Facts with { Database = Database(n.Name == "cp2" ? 4400 : 258) } }
                ),
            ],
        };

        Assert.Equal(4400, RevisionBump.Served(MembersBefore.Of(down).Values, []).Max());
    }

    private static MemberDatabase Database(long revision) =>
        new("/var/lib/etcd/member/snap/db", DateTime.UnixEpoch, new DatabaseTail(revision, 1), null);

    private static RestoreJournal Journal(RestoreState state, long raisedTo, long? before) =>
        JournalSample.Journal with
        {
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
