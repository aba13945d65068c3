using System.Diagnostics;
using System.Globalization;
using EtcdDr.Bench.Measuring;
using EtcdDr.Lab.Drill;
using EtcdDr.Lab.Nodes;
using EtcdDr.Lab.Tools;

namespace EtcdDr.Bench.Scenarios;

/// <summary>A cluster that is restored into, and what is restored: a snapshot of itself.</summary>
internal sealed class RestoreLab(Lab.Lab lab, ModuleSession session, string snapshot) : IAsyncDisposable
{
    private static readonly TimeSpan ApiLimit = TimeSpan.FromMinutes(5);

    // Each step from its first node's begin to its last one's end. PowerShell's engine alone has no Group-Object.
    private const string StepTimes = """
        $begins = [ordered]@{}; $ends = @{}
        foreach ($step in $done.Steps) {
            if (-not $step.Finished) { continue }
            if (-not $begins.Contains($step.Name) -or $step.Started -lt $begins[$step.Name]) { $begins[$step.Name] = $step.Started }
            if (-not $ends.ContainsKey($step.Name) -or $step.Finished -gt $ends[$step.Name]) { $ends[$step.Name] = $step.Finished }
        }
        $times = foreach ($name in @($begins.Keys)) { '{0} {1:0.0}' -f $name, ($ends[$name] - $begins[$name]).TotalSeconds }
        $times -join ', '
        """;

    /// <summary>The control-plane nodes.</summary>
    public IReadOnlyList<LabNode> Nodes => [.. lab.Primary.ControlPlane];

    /// <summary>The snapshot's directory.</summary>
    public string Snapshot => snapshot;

    /// <summary>OpenSSH with the lab's key.</summary>
    public OpenSsh OpenSsh => new(lab);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => session.DisposeAsync();

    /// <summary>Takes a snapshot of the lab's cluster into a directory.</summary>
    /// <param name="lab">The lab.</param>
    /// <param name="directory">The directory.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="profile">The profile to work with; null for the lab's.</param>
    public static async Task<RestoreLab> CreateAsync(
        Lab.Lab lab,
        string directory,
        CancellationToken cancellationToken,
        string? profile = null
    )
    {
        Directory.CreateDirectory(directory);
        var session = await ModuleSession.StartAsync(profile ?? lab.ProfilePath, cancellationToken, watchMemory: true);
        var taken = await session.RunAsync($"(Get-EtcdCluster primary | New-EtcdSnapshot -Path '{directory}').Path", cancellationToken);
        return new RestoreLab(lab, session, taken.Output[^1]);
    }

    /// <summary>Restores a snapshot and removes what it kept of the state before. Gives the seconds that the cmdlet says it took until an
    /// API was ready, the peak memory, and what its steps took.</summary>
    public async Task<Measurement> RestoreAsync(string from, CancellationToken cancellationToken)
    {
        var restored = await session.RunAsync(
            $"$done = Get-EtcdSnapshot '{from}' | Restore-EtcdSnapshot -Cluster primary -Confirm:$false -WarningAction "
                + $"SilentlyContinue; {StepTimes}; $done.TimeToApi.TotalSeconds",
            cancellationToken
        );
        await session.RunAsync("Remove-EtcdRestoreBackup -Cluster primary -Id $done.Id -Confirm:$false", cancellationToken);
        return new Measurement(
            double.Parse(restored.Output[^1], CultureInfo.InvariantCulture),
            restored.PeakKiB,
            $"{restored.Output[^2]}; at most {restored.Highest}"
        );
    }

    /// <summary>Gives each node a link of this rate, as tc takes it; null leaves the links as they are.</summary>
    public Task SlowLinksAsync(string? rate, CancellationToken cancellationToken) =>
        rate is null ? Task.CompletedTask : Task.WhenAll(Nodes.Select(node => node.SlowLinkAsync(rate, cancellationToken)));

    /// <summary>Stages a snapshot, so that a restore of it only cuts over.</summary>
    public Task StageAsync(string from, CancellationToken cancellationToken) =>
        session.RunAsync(
            $"$null = Get-EtcdSnapshot '{from}' | Restore-EtcdSnapshot -Cluster primary -StageOnly -Confirm:$false -WarningAction "
                + "SilentlyContinue",
            cancellationToken
        );

    /// <summary>Stages the snapshot, and removes the stage again, which does not count.</summary>
    public async Task<Measurement> MeasureStageAsync(CancellationToken cancellationToken)
    {
        var measured = await session.RunAsync(
            $"$done = Get-EtcdSnapshot '{snapshot}' | Restore-EtcdSnapshot -Cluster primary -StageOnly -Confirm:$false -WarningAction "
                + $"SilentlyContinue; {StepTimes}",
            cancellationToken
        );
        await session.RunAsync(
            "Get-EtcdStage primary | ForEach-Object { Remove-EtcdStage primary $_.Id -Confirm:$false }",
            cancellationToken
        );
        return new Measurement(measured.Seconds, measured.PeakKiB, $"{measured.Output[^1]}; at most {measured.Highest}");
    }

    /// <summary>Does something and tells how long the API was away meanwhile, as somebody sees it who asks the front end ten times a
    /// second.</summary>
    public async Task<Measurement> AwayAsync(Func<Task<Measurement>> work, CancellationToken cancellationToken)
    {
        await using var prober = new ApiProber(lab.Primary);
        var done = await work();
        await WaitForApiAsync(cancellationToken);
        return prober.Away > TimeSpan.Zero
            ? done with
            {
                Seconds = prober.Away.TotalSeconds,
            }
            : throw new LabException("The API was never seen away.");
    }

    /// <summary>Waits until the API is ready; seconds.</summary>
    public async Task<double> WaitForApiAsync(CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        using var api = lab.Primary.ConnectApi();
        await api.WaitAsync("A ready API", a => a.ReadyAsync(TimeSpan.FromSeconds(2), cancellationToken), ApiLimit, cancellationToken);
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }
}
