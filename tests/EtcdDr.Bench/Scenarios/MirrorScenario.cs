using EtcdDr.Lab;

namespace EtcdDr.Bench.Scenarios;

/// <summary>
/// Two clusters of six nodes beside one control-plane node of each, which is asked for more than a worker: the cost follows the slowest
/// node, not the number. All twelve nodes run on this machine's processors, so the way to them is made long: what is waited for then is the
/// way, as between machines.
/// </summary>
internal sealed class MirrorScenario : FarScenario
{
    /// <inheritdoc/>
    public override string Name => "mirror";

    /// <inheritdoc/>
    public override string Ours => "Test-ClusterMirror of two clusters of six nodes, 400 ms round trip";

    /// <inheritdoc/>
    public override string Reference => "of one control-plane node of each";

    /// <inheritdoc/>
    public override double Target => 1.25;

    /// <inheritdoc/>
    protected override LabOptions Lab => new() { ControlPlanes = 3, Workers = 3 };

    /// <inheritdoc/>
    protected override TimeSpan OneWay => TimeSpan.FromMilliseconds(200);

    /// <inheritdoc/>
    protected override string Script =>
        """
            $checks = Test-ClusterMirror -Primary primary -Secondary secondary
            $failed = @($checks | Where-Object Status -eq Fail)
            if ($failed) { throw "The pair is not fit: $($failed.Message)" }
            """;
}
