using System.Diagnostics;
using EtcdDr.Bench.Measuring;
using EtcdDr.Lab.PowerShell;
using EtcdDr.Lab.Tools;

namespace EtcdDr.Bench.Scenarios;

/// <summary>A fresh pwsh that imports the module, beside one that imports nothing.</summary>
internal sealed class ImportScenario : Scenario
{
    /// <inheritdoc/>
    public override string Name => "import";

    /// <inheritdoc/>
    public override string Ours => "pwsh -NoProfile -c Import-Module EtcdDr";

    /// <inheritdoc/>
    public override string Reference => "pwsh -NoProfile -c exit";

    /// <inheritdoc/>
    public override double Target => 1;

    /// <inheritdoc/>
    public override double? TargetSeconds => 0.060;

    /// <inheritdoc/>
    public override Task PrepareAsync(LabHouse labs, BenchSettings settings, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public override Task<Measurement> RunOursAsync(CancellationToken cancellationToken) =>
        StartAsync($"Import-Module '{StagedModule.Find()}'", cancellationToken);

    /// <inheritdoc/>
    public override Task<Measurement> RunReferenceAsync(CancellationToken cancellationToken) => StartAsync("exit", cancellationToken);

    private static async Task<Measurement> StartAsync(string script, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        using var process = Process.Start(Pwsh.StartInfo(["-Command", script]))!;
        await process.WaitForExitAsync(cancellationToken);
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        return process.ExitCode == 0 ? new Measurement(seconds) : throw new LabException($"'{script}' ended with {process.ExitCode}.");
    }
}
