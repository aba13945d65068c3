using EtcdDr.Engine.Etcd;
using EtcdDr.Engine.Etcd.Database;
using EtcdDr.Engine.Restore;

namespace EtcdDr.Tests.Restore;

public sealed class MemberChoiceTests
{
    [Theory]
    [InlineData("*", "cp2 cp1 cp4")]
    [InlineData("cp1", "cp1")]
    [InlineData("CP1", "cp1")]
    [InlineData("cp3", "")]
    [InlineData("nobody", "")]
    public void The_newest_database_that_can_be_read_is_taken_first_and_then_the_next(string pattern, string order)
    {
        MemberCandidate[] found = [Candidate("cp1", 40), Candidate("cp2", 4400), Candidate("cp3", null), Candidate("cp4", 40)];

        Assert.Equal(order, string.Join(' ', MemberChoice.Order(found, pattern).Select(c => c.Node.Name)));
    }

    private static MemberCandidate Candidate(string node, long? revision) =>
        new(
            new ClusterNode(node, NodeRole.ControlPlane, "10.0.0.1"),
            new MemberDatabase(
                "/var/lib/etcd/member/snap/db",
                DateTime.UnixEpoch,
                revision is { } known ? new DatabaseTail(known, 1) : null,
                revision is null ? "It is damaged." : null
            ),
            []
        );
}
