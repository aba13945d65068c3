using EtcdDr.Engine.Etcd.Database;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Snapshots;
using EtcdDr.Tests.Fakes;

namespace EtcdDr.Tests.Snapshots;

public sealed class SnapshotProofTests
{
    private static readonly DatabaseSummary Database = new()
    {
        Path = "etcd-snapshot.db",
        Revision = 22,
        CompactRevision = 5,
        HashKv = 7,
    };

    [Fact]
    public async Task Equal_hashes_are_worth_no_word()
    {
        Assert.Empty(await CheckAsync(false, new HashedMember("m1", HashedMember.Says(7)), new HashedMember("m2", HashedMember.Says(7))));
    }

    [Fact]
    public async Task Member_that_lags_is_waited_for()
    {
        var late = new HashedMember("m2", HashedMember.Lags, HashedMember.Lags, HashedMember.Says(7));

        Assert.Empty(await CheckAsync(false, new HashedMember("m1", HashedMember.Says(7)), late));
        Assert.Equal([22, 22, 22], late.Revisions);
    }

    [Fact]
    public async Task Member_that_never_catches_up_and_one_that_fails_are_warnings()
    {
        var warnings = await CheckAsync(
            false,
            new HashedMember("m1", HashedMember.Says(7)),
            new HashedMember("m2", HashedMember.Lags),
            new HashedMember("m3", HashedMember.Fails("EtcdTimeout", "too slow"))
        );

        Assert.Contains(warnings, w => w.Contains("m2 has not reached revision 22", StringComparison.Ordinal));
        Assert.Contains(warnings, w => w.Contains("m3", StringComparison.Ordinal) && w.Contains("too slow", StringComparison.Ordinal));
        Assert.Equal(2, warnings.Count);
    }

    [Fact]
    public async Task Compaction_meanwhile_is_a_warning_that_says_what_was_not_compared()
    {
        var warnings = await CheckAsync(
            false,
            new HashedMember("m1", HashedMember.Says(8, 20)),
            new HashedMember("m2", HashedMember.Says(7), HashedMember.Says(8, 20))
        );

        Assert.Contains("compacted to revision 20", Assert.Single(warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Members_that_differ_are_an_error_and_with_force_a_warning()
    {
        HashedMember[] members = [new("m1", HashedMember.Says(7)), new("m2", HashedMember.Says(9))];

        var error = await Assert.ThrowsAsync<EtcdDrException>(() => CheckAsync(false, members));

        Assert.Equal("EtcdMembersDisagree", error.ErrorId);
        Assert.Contains("m1 has HashKV 7, m2 has HashKV 9", Assert.Single(await CheckAsync(true, members)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task File_that_is_not_what_its_member_holds_is_an_error_even_with_force()
    {
        var error = await Assert.ThrowsAsync<EtcdDrException>(() => CheckAsync(true, new HashedMember("m1", HashedMember.Says(9))));

        Assert.Equal("SnapshotDamaged", error.ErrorId);
    }

    private static Task<IReadOnlyList<string>> CheckAsync(bool force, params HashedMember[] members) =>
        SnapshotProof.CheckAsync(Database, "m1", members, force, new OperationContext(new RecordingSink(), time: new HastyTime()), default);
}
