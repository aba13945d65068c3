using System.Xml.Linq;
using EtcdDr.Lab.Packages;
using EtcdDr.Tests.Module;
using EtcdDr.Tests.Reports;
using EtcdDr.Tests.Snapshots;

namespace EtcdDr.Tests.Labs;

/// <summary>The scripts of docs/examples as a CI system runs them: exit codes, an empty <c>$Error</c>, results and metrics.</summary>
[Trait("Category", "Lab")]
[Collection(LabCollection.Name)]
public sealed class JobTests(LabFixture fixture) : IDisposable
{
    private const string Far = "dr-bastion:/home/opc/nightly";
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [LabFact]
    public async Task The_nightly_job_leaves_results_metrics_and_no_error_and_so_do_cmdlets_that_read_of_what_is_broken()
    {
        SnapshotSamples.WriteOwn(_directory.At("broken"));
        await File.WriteAllTextAsync(_directory.At("broken", "etcd_snapshot_2026-11-22_23-53-31", "keys", "sa.key"), "another");
        await File.WriteAllTextAsync(
            Directory.CreateDirectory(_directory.At("broken", "etcd_snapshot_2026-11-21_23-53-31")).FullName + "/snapshot.json",
            "{"
        );
        await File.WriteAllTextAsync(_directory.At("no-hosts"), "");
        var profile = await File.ReadAllTextAsync(fixture.Lab.ProfilePath);
        await File.WriteAllTextAsync(
            _directory.At("strangers.yaml"),
            profile.Replace(fixture.Lab.KnownHostsFile, _directory.At("no-hosts"), StringComparison.Ordinal)
        );

        var (exitCode, output) = await RunAsync(
            $$"""
            {{Nightly(Far)}}
            "nightly: $($Error.Count)"
            $primary = Get-EtcdCluster primary
            $stranger = Get-EtcdCluster secondary -ProfilePath '{{_directory.At("strangers.yaml")}}'
            $snapshot = Get-EtcdSnapshot '{{_directory.At("backups")}}' -Latest
            function Check([string] $Name, [scriptblock] $Script) {
                $found = @(& $Script 3> $null 6> $null)
                "${Name}: $($Error.Count) errors, $($found.Count) objects"
            }
            Check 'status of strangers' { $stranger | Get-EtcdStatus }
            Check 'mirror of strangers' { Test-ClusterMirror $primary $stranger }
            Check 'snapshots' { Get-EtcdSnapshot '{{_directory.At("broken")}}' -WarningAction SilentlyContinue }
            Check 'tests' { Test-EtcdSnapshot '{{_directory.At("broken")}}' -WarningAction SilentlyContinue }
            Check 'measure' { $snapshot | Measure-EtcdSnapshot }
            Check 'keys' { $snapshot | Get-EtcdSnapshotKey }
            Check 'compare' { $snapshot | Compare-EtcdSnapshot -Cluster $primary -Summary }
            Check 'stages' { Get-EtcdStage $primary }
            Check 'restores' { Get-EtcdRestore $primary }
            Check 'plan' { $snapshot | Restore-EtcdSnapshot -Cluster $primary -WhatIf -PassThru -WarningAction SilentlyContinue }
            """
        );

        Assert.True(exitCode == 0, output);
        Assert.Contains("nightly: 0", output, StringComparison.Ordinal);
        Assert.Equal(10, System.Text.RegularExpressions.Regex.Count(output, @": 0 errors, \d+ objects"));
        Assert.Contains("status of strangers: 0 errors, 3 objects", output, StringComparison.Ordinal);

        Assert.Empty(XDocument.Load(_directory.At("results", "nightly.xml")).Descendants("failure"));
        Assert.Contains(
            "/home/opc/nightly/etcd_snapshot_",
            await File.ReadAllTextAsync(_directory.At("results", "nightly.html")),
            StringComparison.Ordinal
        );
        var metrics = StrictMetrics.Parse(await File.ReadAllTextAsync(_directory.At("nightly.prom")));
        Assert.Equal(2, metrics["etcddr_last_snapshot_locations{cluster=\"primary\"}"]);
        Assert.Equal(1, metrics[$"etcddr_last_snapshot_verified{{cluster=\"primary\",location=\"{_directory.At("backups")}\"}}"]);
    }

    [LabFact]
    public async Task A_nightly_job_whose_copy_fails_ends_with_1_after_it_wrote_its_results_and_removes_nothing()
    {
        var (exitCode, output) = await RunAsync(Nightly("/proc/nowhere"));

        Assert.Equal(1, exitCode);
        Assert.Contains("1 of 1 copies", output, StringComparison.Ordinal);
        Assert.True(File.Exists(_directory.At("results", "nightly.xml")));
        Assert.False(File.Exists(_directory.At("nightly.prom")));
        Assert.Single(Directory.GetDirectories(_directory.At("backups"), "etcd_snapshot_*"));
    }

    [LabFact]
    public async Task The_weekly_job_drills_and_tells_whether_the_secondary_is_fit()
    {
        var tools = await EtcdPackages.GetAsync("3.5");
        var (exitCode, output) = await RunAsync(
            $$"""
            $null = Get-EtcdCluster primary | New-EtcdSnapshot -Path '{{_directory.At("backups")}}'
            {{Example("weekly-check.ps1")}} -Path '{{_directory.At("backups")}}' -ToolPath '{{tools}}' -ResultsPath '{{_directory.At(
                "results"
            )}}' -MetricsPath '{{_directory.At("weekly.prom")}}'
            "weekly: $($Error.Count)"
            """
        );

        Assert.True(exitCode == 0, output);
        Assert.Contains("weekly: 0", output, StringComparison.Ordinal);
        var names = XDocument
            .Load(_directory.At("results", "weekly.xml"))
            .Descendants("testcase")
            .Select(c => (string)c.Attribute("name")!)
            .ToList();
        Assert.Contains("Drill", names);
        Assert.Contains("PodCidr", names);
        var metrics = StrictMetrics.Parse(await File.ReadAllTextAsync(_directory.At("weekly.prom")));
        Assert.Equal(1, metrics["etcddr_mirror_fit{cluster=\"secondary\"}"]);
        Assert.Contains(metrics, m => m.Key.StartsWith("etcddr_last_drill_success", StringComparison.Ordinal) && m.Value == 1);
        Assert.DoesNotContain(metrics.Keys, k => k.StartsWith("etcddr_last_snapshot", StringComparison.Ordinal));
    }

    private static string Example(string name) => $"& '{Path.Combine(Repository.Root, "docs", "examples", name)}'";

    private string Nightly(string destination) =>
        $"{Example("nightly-backup.ps1")} -Path '{_directory.At("backups")}' -Destination '{destination}' -ResultsPath "
        + $"'{_directory.At("results")}' -MetricsPath '{_directory.At("nightly.prom")}'";

    private Task<(int ExitCode, string Output)> RunAsync(string script) =>
        ScriptProcess.RunAsync(
            $"$ErrorActionPreference = 'Stop'\nImport-Module EtcdDr\n$Error.Clear()\n{script}\nexit $LASTEXITCODE",
            ("ETCDDR_PROFILE", fixture.Lab.ProfilePath),
            ("PSModulePath", Path.GetDirectoryName(Repository.Module)!)
        );
}
