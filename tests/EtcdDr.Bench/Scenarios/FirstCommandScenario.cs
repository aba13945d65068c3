using System.Diagnostics;
using EtcdDr.Bench.Measuring;
using EtcdDr.Lab.PowerShell;
using EtcdDr.Lab.Tools;

namespace EtcdDr.Bench.Scenarios;

/// <summary>
/// What a job pays that runs one command in a fresh pwsh: import and command with the module compiled ahead, beside the same module
/// without. Processor time, because it is compiling that is compared, and what is waited for (nodes, disks) is alike.
/// </summary>
internal sealed class FirstCommandScenario(string name, string command) : Scenario
{
    private const int DatabaseMiB = 20;

    private Lab.Lab _lab = null!;
    private string _work = null!;
    private string _plain = null!;

    /// <inheritdoc/>
    public override string Name => name;

    /// <inheritdoc/>
    public override string Ours => $"processor time of Import-Module and the first {command}, compiled ahead";

    /// <inheritdoc/>
    public override string Reference => "the same module without its compiled assemblies";

    /// <inheritdoc/>
    public override double Target => 0.6;

    /// <inheritdoc/>
    public override async Task PrepareAsync(LabHouse labs, BenchSettings settings, CancellationToken cancellationToken)
    {
        var module = StagedModule.Find();
        if (!Directory.Exists(Path.Combine(module, "ahead")))
        {
            throw new LabException(
                $"{module} is not compiled ahead; stage it with: dotnet build src/EtcdDr -c Release -p:CompileAhead=true"
            );
        }

        _lab = await labs.GetAsync(RestoreAwayScenario.Options(settings.Bytes(DatabaseMiB)), cancellationToken);
        _work = Directory.CreateDirectory(Path.Combine(settings.WorkDirectory, name)).FullName;
        _plain = Path.Combine(_work, "plain", "EtcdDr");
        foreach (
            var file in Directory
                .GetFiles(module, "*", SearchOption.AllDirectories)
                .Where(f => !f.StartsWith(Path.Combine(module, "ahead"), StringComparison.Ordinal))
        )
        {
            var place = Path.Combine(_plain, Path.GetRelativePath(module, file));
            Directory.CreateDirectory(Path.GetDirectoryName(place)!);
            File.Copy(file, place);
        }
    }

    /// <inheritdoc/>
    public override Task<Measurement> RunOursAsync(CancellationToken cancellationToken) =>
        MeasureAsync(StagedModule.Find(), cancellationToken);

    /// <inheritdoc/>
    public override Task<Measurement> RunReferenceAsync(CancellationToken cancellationToken) => MeasureAsync(_plain, cancellationToken);

    private async Task<Measurement> MeasureAsync(string module, CancellationToken cancellationToken)
    {
        var snapshots = Directory.CreateDirectory(Path.Combine(_work, "snapshots"));
        await using var session = PwshSession.Start(
            _work,
            new Dictionary<string, string> { ["ETCDDR_PROFILE"] = _lab.ProfilePath },
            quiet: true
        );
        using var process = Process.GetProcessById(session.ProcessId);
        await session.AskAsync("$null", cancellationToken);
        var before = process.TotalProcessorTime;
        var answer = await session.AskAsync($"Import-Module '{module}'; $null = Get-EtcdCluster primary | {command}", cancellationToken);
        process.Refresh();
        var seconds = (process.TotalProcessorTime - before).TotalSeconds;
        snapshots.Delete(recursive: true);
        return answer.Error is null
            ? new Measurement(seconds, ProcessMemory.PeakKiB(session.ProcessId), $"{answer.Seconds:0.00} s by the clock")
            : throw new LabException($"'{command}' failed: {answer.Error}");
    }
}
