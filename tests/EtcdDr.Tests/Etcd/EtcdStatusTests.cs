using EtcdDr.Engine.Etcd;

namespace EtcdDr.Tests.Etcd;

/// <summary>Against three real members with TLS.</summary>
[Trait("Category", "Lab")]
public sealed class EtcdStatusTests : IAsyncLifetime
{
    private EtcdTestCluster _cluster = null!;

    public async Task InitializeAsync() => _cluster = await EtcdTestCluster.StartAsync(3);

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    [Fact]
    public async Task Every_member_is_told_and_one_of_them_leads()
    {
        var status = await RunAsync();

        Assert.Equal(["m1", "m2", "m3"], status.Select(s => s.Node));
        Assert.Equal(_cluster.Members.Select(m => m.ClientUrl), status.Select(s => s.Endpoint));
        Assert.Equal(_cluster.Members.Select(m => m.PeerUrl), status.Select(s => s.PeerUrls.Single()));
        Assert.All(status, s => Assert.True(s.Healthy));
        Assert.Single(status, s => s.IsLeader);
        Assert.Equal(3, status.Select(s => s.MemberId).Distinct().Count());
        Assert.Single(status.Select(s => s.ClusterId).Distinct());
        Assert.All(status, s => Assert.Matches("^[0-9a-f]{16}$", s.MemberId));
    }

    [Fact]
    public async Task Member_that_is_down_is_told_with_the_reason_and_its_id()
    {
        var before = await RunAsync();
        _cluster.Members[1].Stop();

        var status = await RunAsync();

        Assert.Equal([true, false, true], status.Select(s => s.Healthy));
        Assert.Equal(before[1].MemberId, status[1].MemberId);
        Assert.Contains("m2", Assert.Single(status[1].Errors), StringComparison.Ordinal);
        Assert.Null(status[1].Version);
    }

    [Fact]
    public async Task Node_that_cannot_be_reached_is_told_with_the_reason()
    {
        await using var session = _cluster.CreateSession(null, _cluster.Members[0].CreateHost(), _cluster.Members[2].CreateHost());

        var status = await EtcdStatusOperation.RunAsync(session, _cluster.Cluster.Nodes, default);

        Assert.False(status[1].Healthy);
        Assert.Equal("https://127.0.0.1:2379", status[1].Endpoint);
        Assert.Contains("does not answer", Assert.Single(status[1].Errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Members_without_a_quorum_are_not_healthy()
    {
        _cluster.Members[1].Stop();
        _cluster.Members[2].Stop();
        IReadOnlyList<EtcdMemberStatus> status;
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        do
        {
            status = await RunAsync();
            await Task.Delay(50, limit.Token);
        } while (status[0].Healthy);

        Assert.All(status, s => Assert.False(s.Healthy));
        Assert.Contains("no leader", Assert.Single(status[0].Errors), StringComparison.Ordinal);
        Assert.True(status[0].DbSize > 0);
    }

    private async Task<IReadOnlyList<EtcdMemberStatus>> RunAsync()
    {
        await using var session = _cluster.CreateSession();
        return await EtcdStatusOperation.RunAsync(session, _cluster.Cluster.Nodes, default);
    }
}
