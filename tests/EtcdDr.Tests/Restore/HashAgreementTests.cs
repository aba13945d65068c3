using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Restore;
using EtcdDr.Tests.Fakes;

namespace EtcdDr.Tests.Restore;

public sealed class HashAgreementTests
{
    [Fact]
    public async Task Members_agree_at_the_highest_revision_once_the_last_has_reached_it()
    {
        var first = new HashedMember("m1", HashedMember.Says(7));
        var late = new HashedMember("m2", HashedMember.Lags, HashedMember.Says(7));
        late.Status = late.Status with { Revision = 20 };

        Assert.Equal(new HashAgreement(7, 22, "00000000000000ab"), await CheckAsync(first, late));
        Assert.Equal([22, 22], late.Revisions);
    }

    [Fact]
    public async Task Revision_that_is_compacted_away_meanwhile_is_no_disagreement()
    {
        Assert.Equal(
            7u,
            (
                await CheckAsync(
                    new HashedMember("m1", HashedMember.Compacted, HashedMember.Says(7)),
                    new HashedMember("m2", HashedMember.Says(7))
                )
            ).Hash
        );
    }

    [Fact]
    public async Task Different_hashes_different_clusters_and_a_member_that_stays_behind_are_disagreements()
    {
        var stranger = new HashedMember("m2", HashedMember.Says(7));
        stranger.Status = stranger.Status with { ClusterId = 0xcd };

        Assert.Contains("m2 has HashKV 9", await DisagreementAsync(new HashedMember("m2", HashedMember.Says(9))), StringComparison.Ordinal);
        Assert.Contains("m2 to 00000000000000cd", await DisagreementAsync(stranger), StringComparison.Ordinal);
        Assert.Contains(
            "m2 did not reach revision 22",
            await DisagreementAsync(new HashedMember("m2", HashedMember.Lags)),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Member_that_does_not_answer_is_its_own_error()
    {
        var error = await Assert.ThrowsAsync<EtcdDrException>(() =>
            CheckAsync(new HashedMember("m1", HashedMember.Fails("EtcdUnreachable", "m1 is away")))
        );

        Assert.Equal("EtcdUnreachable", error.ErrorId);
    }

    private static async Task<string> DisagreementAsync(HashedMember other)
    {
        var error = await Assert.ThrowsAsync<EtcdDrException>(() => CheckAsync(new HashedMember("m1", HashedMember.Says(7)), other));
        Assert.Equal("EtcdMembersDisagree", error.ErrorId);
        return error.Message;
    }

    private static Task<HashAgreement> CheckAsync(params HashedMember[] members) =>
        HashAgreement.CheckAsync(members, new OperationContext(new RecordingSink(), time: new HastyTime()), default);
}
