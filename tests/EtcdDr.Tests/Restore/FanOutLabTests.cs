using EtcdDr.Lab;
using EtcdDr.Tests.Labs;
using EtcdDr.Tests.Module;
using EtcdDr.Tests.Snapshots;

namespace EtcdDr.Tests.Restore;

/// <summary>Three nodes behind one slow line, which reach each other without it.</summary>
[Trait("Category", "Lab")]
public sealed class FanOutLabTests : IDisposable
{
    private const string EachFromHere = @"(cp\d Done [\d.]+ MiB(?!, from)[^;]*(; |\.)){3}\s+told: 1";

    private readonly TempDirectory _temp = new();

    public void Dispose() => _temp.Dispose();

    [LabFact]
    public async Task Behind_a_slow_line_one_node_gets_the_database_and_passes_it_on_and_where_it_cannot_all_get_it_from_here()
    {
        await using var lab = await EtcdDr.Lab.Lab.UpAsync(
            new LabOptions
            {
                Workers = 0,
                Secondary = false,
                DbSize = 24 << 20,
            }
        );
        await lab.Primary.SlowLineAsync("100mbit");

        Assert.Matches(
            @"cp1 Done [\d.]+ MiB[^;]*; cp2 Done [\d.]+ MiB, from cp1; cp3 Done [\d.]+ MiB, from cp1\.\s+told: 0",
            await StageAsync(lab, 12380)
        );

        // etcd itself listens there.
        Assert.Matches(EachFromHere, await StageAsync(lab, 2380));

        // What listened for a peer that did not come listens no more.
        await lab.Primary["cp2"].RunAsync("mv /usr/bin/openssl /usr/bin/openssl.off");
        Assert.Matches(EachFromHere, await StageAsync(lab, 12380));
        await lab.Primary["cp1"].RunAsync("! pgrep -x openssl");
    }

    private async Task<string> StageAsync(EtcdDr.Lab.Lab lab, int port)
    {
        var profile = await File.ReadAllTextAsync(lab.ProfilePath);
        await File.WriteAllTextAsync(
            _temp.At("etcddr.yaml"),
            profile.Replace("clusters:\n", $"  etcd:\n    fanOutPort: {port}\nclusters:\n", StringComparison.Ordinal)
        );
        var (exit, output) = await ScriptProcess.RunAsync(
            $$"""
            Import-Module '{{Path.Combine(Repository.Root, "out", "EtcdDr", "EtcdDr.psd1")}}'; $ErrorActionPreference = 'Stop'
            $snapshot = Get-EtcdCluster primary | New-EtcdSnapshot -Path '{{_temp.At("b")}}'
            $said = $snapshot | Restore-EtcdSnapshot -Cluster primary -StageOnly -Confirm:$false -Verbose 4>&1
            $steps = $said | Where-Object { $_ -isnot [Management.Automation.VerboseRecord] } | ForEach-Object Steps
            $shipped = $steps | Where-Object Name -eq 'ship-database' | Sort-Object Node
            "$(@($shipped | ForEach-Object { "$($_.Node) $($_.Outcome) $($_.Message)" }) -join '; ')."
            "told: $(@($said | Where-Object { "$_" -like "*could not pass the database on*" }).Count)"
            Get-EtcdStage primary | ForEach-Object { Remove-EtcdStage primary $_.Id -Confirm:$false }
            """,
            ("ETCDDR_PROFILE", _temp.At("etcddr.yaml"))
        );
        Assert.True(exit == 0, output);
        return output;
    }
}
