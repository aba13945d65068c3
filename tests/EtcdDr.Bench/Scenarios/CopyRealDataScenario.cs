using EtcdDr.Bench.Measuring;

namespace EtcdDr.Bench.Scenarios;

/// <summary>A database of Kubernetes-like objects over a link of 200 Mbit/s.</summary>
internal class CopyRealDataScenario : CopyScenario
{
    private const string Rate = "200mbit";

    /// <inheritdoc/>
    public override string Name => "copy-real";

    /// <inheritdoc/>
    public override string Ours => "Copy-EtcdSnapshot of 1 GiB of Kubernetes-like objects over 200 Mbit/s";

    /// <inheritdoc/>
    public override double Target => 0.5;

    /// <inheritdoc/>
    public override async Task PrepareAsync(LabHouse labs, BenchSettings settings, CancellationToken cancellationToken)
    {
        await base.PrepareAsync(labs, settings, cancellationToken);
        await Lab.Hosts[0].SlowLinkAsync(Rate, cancellationToken);
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        if (Lab is not null)
        {
            await Lab.Hosts[0].FreeLinkAsync();
        }

        await base.DisposeAsync();
    }

    /// <inheritdoc/>
    protected override Task<string> MakeSnapshotAsync(BenchSettings settings, CancellationToken cancellationToken) =>
        BenchFiles.ObjectsSnapshotAsync(settings.WorkDirectory, settings.Bytes(1024), settings.Say, cancellationToken);
}
