using System.Diagnostics;
using EtcdDr.Tests.Module;

namespace EtcdDr.Tests.Labs;

/// <summary>
/// The main job from end to end, by the lab's drill: two clusters, snapshot, copy, restore into the secondary, what it serves then, undo,
/// restore into the source. The drill itself checks each of these and names the step that failed.
/// </summary>
[Trait("Category", "Lab")]
[Collection(MainJobCollection.Name)]
public sealed class MainJobTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(9);

    [LabFact]
    [Trait("Category", "Slow")]
    public Task The_drill_passes_with_etcd_3_4_whose_etcdctl_restores_without_a_bump() => DrillAsync("3.4");

    [LabFact]
    public Task The_drill_passes_with_etcd_3_5_whose_etcdutl_bumps_revisions() => DrillAsync("3.5");

    private static async Task DrillAsync(string etcd)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Path.Combine(ScriptProcess.OutputOf("EtcdDr.Lab", "net10.0"), "EtcdDr.Lab.dll"));
        start.ArgumentList.Add("drill");
        start.ArgumentList.Add("--etcd");
        start.ArgumentList.Add(etcd);
        // Every run has planted programs on its nodes: none of them may run, and all must work as without them.
        start.ArgumentList.Add("--planted");
        using var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(Limit);
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var error = process.StandardError.ReadToEndAsync(limit.Token);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        var lines = (await output).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.True(
            process.ExitCode == 0,
            $"The drill ended with {process.ExitCode}: {await error}\n{string.Join('\n', lines.TakeLast(40))}"
        );
        Assert.Matches(@"^drill passed: snapshot [\d.]+ s, copy [\d.]+ s, restore [\d.]+ s, API away [\d.]+ s$", lines[^1]);
    }
}
