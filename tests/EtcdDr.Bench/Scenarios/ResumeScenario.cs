using EtcdDr.Bench.Measuring;

namespace EtcdDr.Bench.Scenarios;

/// <summary>A copy that was cut at 70 % and is run again, beside a whole one.</summary>
internal sealed class ResumeScenario : Scenario
{
    private HostsLab _lab = null!;
    private string _snapshot = null!;
    private long _cut;

    /// <inheritdoc/>
    public override string Name => "resume";

    /// <inheritdoc/>
    public override string Ours => "Copy-EtcdSnapshot of 1 GiB that was cut at 70 %, run again";

    /// <inheritdoc/>
    public override string Reference => "the whole copy, ours";

    /// <inheritdoc/>
    public override double Target => 0.5;

    private string Source => Path.Combine(_snapshot, BenchFiles.Database);

    /// <inheritdoc/>
    public override async Task PrepareAsync(LabHouse labs, BenchSettings settings, CancellationToken cancellationToken)
    {
        _lab = await HostsLab.GetAsync(labs, cancellationToken);
        _snapshot = await BenchFiles.RandomSnapshotAsync(settings.WorkDirectory, settings.Bytes(1024), cancellationToken);
        _cut = new FileInfo(Source).Length * 7 / 10;
    }

    /// <inheritdoc/>
    public override async Task<Measurement> RunOursAsync(CancellationToken cancellationToken)
    {
        // What a cut copy leaves: the temporary directory with a beginning of the file.
        await _lab.ClearAsync(cancellationToken);
        var partial = $"{HostsLab.Target}/{Engine.Snapshots.SnapshotNames.PartialOf(Path.GetFileName(_snapshot))}";
        await _lab.Hosts[0].RunAsync($"mkdir -m 700 {partial}", cancellationToken);
        await CutAsync(_lab.Hosts[0].PathOf($"{partial}/{BenchFiles.Database}"), cancellationToken);
        await _lab.Hosts[0].RunAsync($"chown -R opc: {partial}; chmod 600 {partial}/{BenchFiles.Database}", cancellationToken);
        await Lab.Tools.Tool.RunAsync("sync", [], cancellationToken);
        return await CopyAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public override async Task<Measurement> RunReferenceAsync(CancellationToken cancellationToken)
    {
        await _lab.ClearAsync(cancellationToken);
        return await CopyAsync(cancellationToken);
    }

    private async Task CutAsync(string target, CancellationToken cancellationToken)
    {
        await using var source = File.OpenRead(Source);
        await using var beginning = new Engine.Snapshots.BoundedStream(source, _cut);
        await using var file = File.Create(target);
        await beginning.CopyToAsync(file, cancellationToken);
    }

    private Task<Measurement> CopyAsync(CancellationToken cancellationToken) =>
        MeasureAsync(
            _lab.Profile,
            _lab.LogIn(),
            $"Copy-EtcdSnapshot -Path '{_snapshot}' -Destination {_lab.Place(_lab.Hosts[0])}",
            cancellationToken
        );
}
