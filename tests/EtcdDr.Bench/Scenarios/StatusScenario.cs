using EtcdDr.Bench.Measuring;
using EtcdDr.Lab;

namespace EtcdDr.Bench.Scenarios;

/// <summary>Seven members beside one of them: the cost follows the slowest, not the number.</summary>
internal sealed class StatusScenario : Scenario
{
    /// <summary>What is timed.</summary>
    public const string Script = "Get-EtcdCluster primary | Get-EtcdStatus";

    /// <summary>The lab that it wants.</summary>
    public static LabOptions Options { get; } =
        new()
        {
            ControlPlanes = 7,
            Workers = 0,
            Secondary = false,
        };

    private Lab.Lab _lab = null!;
    private string _one = null!;

    /// <inheritdoc/>
    public override string Name => "status";

    /// <inheritdoc/>
    public override string Ours => "Get-EtcdStatus of seven members";

    /// <inheritdoc/>
    public override string Reference => "of one";

    /// <inheritdoc/>
    public override double Target => 1.5;

    /// <inheritdoc/>
    public override async Task PrepareAsync(LabHouse labs, BenchSettings settings, CancellationToken cancellationToken)
    {
        _lab = await labs.GetAsync(Options, cancellationToken);

        // The same profile with one node of the seven.
        _one = Path.Combine(settings.WorkDirectory, "one.yaml");
        var lines = await File.ReadAllLinesAsync(_lab.ProfilePath, cancellationToken);
        await File.WriteAllLinesAsync(_one, LabProfileText.OnlyFirstNodes(lines), cancellationToken);
    }

    /// <inheritdoc/>
    public override Task<Measurement> RunOursAsync(CancellationToken cancellationToken) => StatusAsync(_lab.ProfilePath, cancellationToken);

    /// <inheritdoc/>
    public override Task<Measurement> RunReferenceAsync(CancellationToken cancellationToken) => StatusAsync(_one, cancellationToken);

    private Task<Measurement> StatusAsync(string profile, CancellationToken cancellationToken) =>
        MeasureAsync(profile, null, Script, cancellationToken);
}
