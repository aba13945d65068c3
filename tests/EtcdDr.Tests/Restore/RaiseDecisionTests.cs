using EtcdDr.Engine.Journals;
using EtcdDr.Engine.Restore;

namespace EtcdDr.Tests.Restore;

public sealed class RaiseDecisionTests
{
    private static readonly RaiseOrder Order = new("cp1", "0", "t", 5, 9);

    // s: serves the new data; h: has the new data, its apiserver is held; p: previous data as it was; r: raised; a: away.
    [Theory]
    [InlineData("sss", false, true, "anew")]
    [InlineData("shh", false, true, "anew")]
    [InlineData("ssa", false, true, "anew")]
    [InlineData("hhh", false, true, "as it was")]
    [InlineData("ppp", false, true, "as it was")]
    [InlineData("hhp", false, true, "as it was")]
    [InlineData("sss", false, false, "as it was")]
    [InlineData("ssp", false, true, "warned")]
    [InlineData("hhh", true, true, "goes on")]
    [InlineData("rsr", true, true, "goes on")]
    [InlineData("rhr", true, false, "goes on")]
    [InlineData("rrr", true, true, "as it was")]
    [InlineData("sssss", false, true, "anew")]
    [InlineData("ssppa", false, true, "warned")]
    public void Members_are_raised_alike_or_not_at_all(string nodes, bool ordered, bool servedBefore, string expected)
    {
        var decision = RaiseDecision.Of([.. nodes.Select(Standing)], ordered ? Order : null, servedBefore, []);

        var said = decision switch
        {
            { Raise: true, Order: null } => "anew",
            { Raise: true } => "goes on",
            { WhyNot: not null } => "warned",
            _ => "as it was",
        };
        Assert.Equal(expected, said);
    }

    // Two of three are gone, so that no majority served when one was restored; they may come back all the same.
    [Theory]
    [InlineData("s", true, true)]
    [InlineData("s", false, true)]
    [InlineData("ss", true, true)]
    [InlineData("h", false, false)]
    [InlineData("p", true, false)]
    public void What_lost_nodes_are_members_of_goes_back_as_it_was_and_that_is_told(string nodes, bool servedBefore, bool told)
    {
        var decision = RaiseDecision.Of([.. nodes.Select(Standing)], null, servedBefore, ["cp2", "cp3"]);

        Assert.False(decision.Raise);
        Assert.Equal(told ? "its members on cp2, cp3 cannot be built anew." : null, decision.WhyNot);
    }

    private static NodeStanding Standing(char what, int index) =>
        new()
        {
            Node = $"cp{index + 1}",
            Answers = what != 'a',
            Swapped = what is 's' or 'h',
            ApiHeld = what is 'h',
            Raised = what is 'r',
        };
}
