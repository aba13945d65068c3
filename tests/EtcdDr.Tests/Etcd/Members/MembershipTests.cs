using EtcdDr.Engine.Etcd;
using EtcdDr.Engine.Etcd.Members;

namespace EtcdDr.Tests.Etcd.Members;

/// <summary>Changes of members against real etcd.</summary>
public sealed class MembershipTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task A_member_comes_without_a_vote_gets_it_when_it_has_the_log_and_goes_again()
    {
        using var limit = new CancellationTokenSource(Limit);
        await using var cluster = await EtcdTestCluster.StartAsync(1);
        await using var first = await cluster.ConnectAsync(0, null, limit.Token);
        using var second = cluster.Another("m2");

        var id = await UntilTakenAsync(ct => first.AddLearnerAsync([second.PeerUrl], ct), limit.Token);
        var again = await Assert.ThrowsAsync<EtcdDrException>(() => first.AddLearnerAsync([second.PeerUrl], limit.Token));
        var early = await Assert.ThrowsAsync<EtcdDrException>(() => first.PromoteAsync(id, limit.Token));
        second.Start("existing");
        await UntilTakenAsync(
            async ct =>
            {
                await first.PromoteAsync(id, ct);
                return true;
            },
            limit.Token
        );
        var twice = await Assert.ThrowsAsync<EtcdDrException>(() => first.PromoteAsync(id, limit.Token));
        var members = await first.MembersAsync(limit.Token);
        await UntilTakenAsync(
            async ct =>
            {
                await first.RemoveMemberAsync(id, ct);
                return true;
            },
            limit.Token
        );

        Assert.Contains(MembershipRefusal.Of(again), new[] { MembershipRefusalKind.Exists, MembershipRefusalKind.TooManyLearners });
        Assert.Contains(MembershipRefusal.Of(early), new[] { MembershipRefusalKind.LearnerBehind, MembershipRefusalKind.NotStarted });
        // In a log of ten entries one that was not yet acknowledged is more than a tenth.
        Assert.Contains(MembershipRefusal.Of(twice), new[] { MembershipRefusalKind.NotLearner, MembershipRefusalKind.LearnerBehind });
        Assert.Equal([("m1", false), ("m2", false)], members.Select(m => (m.Name, m.IsLearner)).Order());
        Assert.Equal("m1", Assert.Single(await first.MembersAsync(limit.Token)).Name);
    }

    private static Task<T> UntilTakenAsync<T>(Func<CancellationToken, Task<T>> change, CancellationToken cancellationToken) =>
        MemberChange.UntilTakenAsync(change, Limit, TimeProvider.System, cancellationToken);
}
