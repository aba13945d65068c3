using System.Diagnostics;
using EtcdDr.Bench.Measuring;
using EtcdDr.Lab.Tools;

namespace EtcdDr.Bench.Scenarios;

/// <summary>A fresh engine that imports the module, beside one that imports nothing.</summary>
internal sealed class ImportScenario : Scenario
{
    /// <inheritdoc/>
    public override string Name => "import";

    /// <inheritdoc/>
    public override string Ours => "start of a fresh engine with Import-Module";

    /// <inheritdoc/>
    public override string Reference => "start of a fresh engine";

    /// <inheritdoc/>
    public override double Target => 1;

    /// <inheritdoc/>
    public override double? TargetSeconds => 0.060;

    /// <inheritdoc/>
    public override Task PrepareAsync(LabHouse labs, BenchSettings settings, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public override Task<Measurement> RunOursAsync(CancellationToken cancellationToken) => StartAsync("Import-Module $env:ETCDDR_MODULE", cancellationToken);

    /// <inheritdoc/>
    public override Task<Measurement> RunReferenceAsync(CancellationToken cancellationToken) => StartAsync("$null = $env:ETCDDR_MODULE", cancellationToken);

    // The script differs in one command, so that whatever PowerShell itself loads to run a script at all is on both sides.
    private static async Task<Measurement> StartAsync(string script, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var environment = new Dictionary<string, string> { ["ETCDDR_MODULE"] = Lab.PowerShell.StagedModule.Find() };
        using var process = Tool.Start(BenchProgram.Dotnet, [BenchProgram.Assembly, "session", "--bare"], environment);
        _ = await process.StandardOutput.ReadLineAsync(cancellationToken);
        await process.StandardInput.WriteLineAsync(System.Text.Json.JsonSerializer.Serialize(script).AsMemory(), cancellationToken);
        process.StandardInput.Close();
        var answer = System.Text.Json.JsonSerializer.Deserialize<ModuleAnswer>((await process.StandardOutput.ReadLineAsync(cancellationToken))!)!;
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        await process.WaitForExitAsync(cancellationToken);
        return answer.Error is null ? new Measurement(seconds) : throw new LabException($"'{script}' failed: {answer.Error}");
    }
}
