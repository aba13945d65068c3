using EtcdDr.Lab.Faults;

namespace EtcdDr.Tests.Restore;

/// <summary>Which cases the fault matrix has.</summary>
public sealed class FaultCaseTests
{
    private static readonly string[] Nodes = ["cp1", "cp2", "cp3", "cp4", "cp5"];

    [Fact]
    public void From_every_beginning_every_step_is_struck_on_the_first_middle_and_last_node()
    {
        var cases = FaultCase.Choose(Nodes, new FaultChoice());

        Assert.Equal(cases.Count, cases.Distinct().Count());
        foreach (var beginning in Enum.GetValues<Beginning>())
        {
            var struck = cases.Where(c => c.Beginning == beginning).Select(c => (c.Step, c.Node)).ToHashSet();
            Assert.Superset(FaultCase.Steps.SelectMany(s => new[] { (s, "cp1"), (s, "cp3"), (s, "cp5") }).ToHashSet(), struck);
        }
    }

    [Fact]
    public void From_every_broken_beginning_every_fault_strikes() =>
        Assert.All(
            Enum.GetValues<Beginning>(),
            b =>
                Assert.Equal(
                    Enum.GetValues<FaultKind>(),
                    FaultCase.Choose(Nodes, new FaultChoice(b)).Select(c => c.Kind).Distinct().Order()
                )
        );

    [Fact]
    public void A_part_can_be_asked_for()
    {
        var one = FaultCase.Choose(Nodes, new FaultChoice(Beginning.NoQuorum, "swap-data", Node: "cp5"));

        Assert.Equal(("swap-data", "cp5", Beginning.NoQuorum), Assert.Single(one) is var c ? (c.Step, c.Node, c.Beginning) : default);
        Assert.All(FaultCase.Choose(Nodes, new FaultChoice(Kind: FaultKind.Disk, Quick: true)), q => Assert.Equal(FaultKind.Disk, q.Kind));
        Assert.All(
            FaultCase.Choose(Nodes, new FaultChoice(Step: "hold-kubelets")),
            q => Assert.True(q is { IsQuiet: true, Beginning: Beginning.Healthy })
        );
    }
}
