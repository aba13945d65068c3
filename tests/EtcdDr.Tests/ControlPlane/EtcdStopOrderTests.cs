using EtcdDr.Engine.ControlPlane;

namespace EtcdDr.Tests.ControlPlane;

public class EtcdStopOrderTests
{
    [Theory]
    [InlineData("cp2", "cp1 cp3 | cp2")]
    [InlineData("cp1", "cp2 cp3 | cp1")]
    [InlineData(null, "cp1 cp2 cp3")]
    [InlineData("gone", "cp1 cp2 cp3")]
    public void Followers_are_stopped_before_their_leader(string? leader, string expected)
    {
        var groups = EtcdStopOrder.Groups(["cp1", "cp2", "cp3"], name => name, leader);

        Assert.Equal(expected, string.Join(" | ", groups.Select(g => string.Join(' ', g))));
    }

    [Fact]
    public void A_member_that_is_alone_is_stopped_in_one_go() => Assert.Single(EtcdStopOrder.Groups(["cp1"], name => name, "cp1"));
}
