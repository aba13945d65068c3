using EtcdDr.Lab;
using EtcdDr.Tests.Labs;
using EtcdDr.Tests.Module;
using EtcdDr.Tests.Snapshots;

namespace EtcdDr.Tests.Restore;

/// <summary>Three nodes behind one slow line, which reach each other without it.</summary>
[Trait("Category", "Lab")]
public sealed class FanOutLabTests : IDisposable
{
    private readonly TempDirectory _temp = new();

    public void Dispose() => _temp.Dispose();

    [LabFact]
    public async Task Behind_a_slow_line_one_node_gets_the_database_and_passes_it_on_and_where_it_cannot_all_get_it_from_here()
    {
        await using var lab = await EtcdDr.Lab.Lab.UpAsync(new LabOptions { Workers = 0, Secondary = false, DbSize = 24 << 20 });
        await lab.Primary.SlowLineAsync("100mbit");
        var profile = await File.ReadAllTextAsync(lab.ProfilePath);
        foreach (var (name, port) in new[] { ("free", 12380), ("taken", 2380) })
        {
            await File.WriteAllTextAsync(_temp.At(name), profile.Replace("clusters:\n", $"  etcd:\n    fanOutPort: {port}\nclusters:\n", StringComparison.Ordinal));
        }

        var (exit, output) = await ScriptProcess.RunAsync(
            $$"""
            Import-Module '{{Path.Combine(Repository.Root, "out", "EtcdDr", "EtcdDr.psd1")}}'; $ErrorActionPreference = 'Stop'
            $snapshot = Get-EtcdCluster primary | New-EtcdSnapshot -Path '{{_temp.At("b")}}'
            foreach ($name in 'free', 'taken') {
                $env:ETCDDR_PROFILE = "{{_temp.Path}}/$name"
                $said = $snapshot | Restore-EtcdSnapshot -Cluster primary -StageOnly -Confirm:$false -Verbose 4>&1
                $shipped = $said | Where-Object { $_ -isnot [Management.Automation.VerboseRecord] } | ForEach-Object Steps | Where-Object Name -eq 'ship-database' | Sort-Object Node
                "${name}: $(@($shipped | ForEach-Object { "$($_.Node) $($_.Outcome) $($_.Message)" }) -join '; ')."
                "told: $(@($said | Where-Object { "$_" -like "*could not pass the database on*" }).Count)"
                Get-EtcdStage primary | ForEach-Object { Remove-EtcdStage primary $_.Id -Confirm:$false }
            }
            """,
            ("ETCDDR_PROFILE", lab.ProfilePath));

        Assert.True(exit == 0, output);
        Assert.Matches(@"free: cp1 Done [\d.]+ MiB[^;]*; cp2 Done [\d.]+ MiB, from cp1; cp3 Done [\d.]+ MiB, from cp1\.\s+told: 0", output);
        Assert.Matches(@"taken: (cp\d Done [\d.]+ MiB(?!, from)[^;]*(; |\.)){3}\s+told: 1", output);
    }
}
