using EtcdDr.Engine.ControlPlane;
using EtcdDr.Engine.Operations;
using EtcdDr.Tests.Fakes;

namespace EtcdDr.Tests.ControlPlane;

public sealed class PresentNodesTests
{
    private readonly RecordingSink _sink = new();

    [Fact]
    public async Task A_control_plane_starts_without_the_node_that_is_lost_and_names_it()
    {
        var found = await ReadAsync(3, EtcdDrErrorCategory.ConnectionError, "m2");

        Assert.Equal(["m1", "m3"], found);
        Assert.Contains("'m2'", Assert.Single(_sink.Warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(3, "m1", "m2")]
    [InlineData(4, "m1", "m2")]
    [InlineData(1, "m1")]
    public async Task Without_a_majority_nothing_is_started(int nodes, params string[] away)
    {
        var error = await Assert.ThrowsAsync<EtcdDrException>(() => ReadAsync(nodes, EtcdDrErrorCategory.ConnectionError, away));

        Assert.Contains("m1", error.Message, StringComparison.Ordinal);
        Assert.Empty(_sink.Warnings);
    }

    [Fact]
    public async Task A_node_that_answers_and_is_at_fault_is_no_lost_node() =>
        await Assert.ThrowsAsync<EtcdDrException>(() => ReadAsync(3, EtcdDrErrorCategory.InvalidData, "m2"));

    private Task<IReadOnlyList<string>> ReadAsync(int nodes, EtcdDrErrorCategory fault, params string[] at) =>
        PresentNodes.ReadAsync(
            [.. Enumerable.Range(1, nodes).Select(i => new ClusterNode($"m{i}", NodeRole.ControlPlane, $"10.0.0.{i}"))],
            (node, _) =>
                at.Contains(node.Name)
                    ? throw new EtcdDrException("X", fault, $"{node.Name} is at fault.", "Mend it.", node.Name)
                    : Task.FromResult(node.Name),
            new OperationContext(_sink),
            CancellationToken.None
        );
}
