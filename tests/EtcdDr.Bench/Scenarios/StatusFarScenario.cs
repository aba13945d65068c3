using EtcdDr.Lab;

namespace EtcdDr.Bench.Scenarios;

/// <summary>
/// Seven members beside one of them, as seen from another site: what is waited for is the way to the slowest, and not the two processors
/// that all seven share with the session on this machine.
/// </summary>
internal sealed class StatusFarScenario : FarScenario
{
    /// <inheritdoc/>
    public override string Name => "status-far";

    /// <inheritdoc/>
    public override string Ours => "Get-EtcdStatus of seven members, 80 ms round trip";

    /// <inheritdoc/>
    public override string Reference => "of one";

    /// <inheritdoc/>
    public override double Target => 1.5;

    /// <inheritdoc/>
    protected override LabOptions Lab => StatusScenario.Options;

    /// <inheritdoc/>
    protected override TimeSpan OneWay => TimeSpan.FromMilliseconds(40);

    /// <inheritdoc/>
    protected override string Script => StatusScenario.Script;
}
