using EtcdDr.Engine.Restore;

namespace EtcdDr.Tests.Restore;

/// <summary>How long a cluster is waited for.</summary>
public sealed class ConvergeBudgetTests
{
    [Theory]
    [InlineData(null, 6, 600)]
    [InlineData(null, 50, 600)]
    [InlineData(null, 350, 1200)]
    [InlineData(null, 15_000, 7200)]
    [InlineData(90, 15_000, 90)]
    [InlineData(0, 6, 0)]
    public void A_larger_cluster_has_more_time_unless_the_operator_says_how_much(int? chosen, int nodes, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), ConvergeBudget.Whole(chosen is { } said ? TimeSpan.FromSeconds(said) : null, nodes));

    [Theory]
    [InlineData(600, 6, 120)]
    [InlineData(90, 6, 30)]
    [InlineData(-5, 6, 0)]
    [InlineData(3600, 350, 720)]
    public void One_rank_never_takes_all_that_is_left(int left, int nodes, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), ConvergeBudget.Rank(TimeSpan.FromSeconds(left), nodes));

    [Theory]
    [InlineData(0, 30)]
    [InlineData(2000, 130)]
    [InlineData(1_000_000, 600)]
    public void Many_namespaces_take_longer_to_get_their_authority(int namespaces, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), ConvergeBudget.Authority(namespaces));
}
