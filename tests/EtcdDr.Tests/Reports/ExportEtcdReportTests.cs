using EtcdDr.Tests.Module;
using EtcdDr.Tests.Snapshots;

namespace EtcdDr.Tests.Reports;

public sealed class ExportEtcdReportTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task The_pipeline_goes_into_one_file_whose_ending_says_how_it_is_written()
    {
        var (exitCode, output) = await RunAsync(
            """
            ($snapshot, $check | Export-EtcdReport report.html -Title 'Tonight' -PassThru).Name
            $snapshot, $check | Export-EtcdReport results.xml
            $snapshot, $check | Export-EtcdReport metrics.txt -Format OpenMetrics
            $check | Export-EtcdReport nothing.html -WhatIf
            """
        );

        Assert.Equal(0, exitCode);
        Assert.Contains("report.html", output, StringComparison.Ordinal);
        Assert.Equal(
            ["metrics.txt", "report.html", "results.xml"],
            Directory.GetFiles(_directory.Path).Select(f => Path.GetFileName(f)).Where(f => f != "snapshots").Order(StringComparer.Ordinal)
        );
        Assert.Contains("<h1>Tonight</h1>", await ReadAsync("report.html"), StringComparison.Ordinal);
        Assert.StartsWith("<?xml", await ReadAsync("results.xml"), StringComparison.Ordinal);
        Assert.NotEmpty(StrictMetrics.Parse(await ReadAsync("metrics.txt")));
    }

    [Fact]
    public async Task Paths_of_snapshots_are_taken_in_place_of_objects()
    {
        SnapshotSamples.WriteOwn(_directory.At("snapshots"));

        var (exitCode, _) = await RunAsync(
            "Export-EtcdReport report.html ./snapshots; [IO.DirectoryInfo]::new(\"$PWD/snapshots\") | Export-EtcdReport report.prom"
        );

        Assert.Equal(0, exitCode);
        Assert.Contains("etcd_snapshot_2026-11-22_23-53-31", await ReadAsync("report.html"), StringComparison.Ordinal);
        Assert.Contains("etcddr_last_snapshot_timestamp_seconds", await ReadAsync("report.prom"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_told_of_or_written_is_an_error_with_its_own_identifier()
    {
        var (_, output) = await RunAsync(
            """
            $twice = { $check | Export-EtcdReport b.html; $check | Export-EtcdReport b.html }
            foreach ($bad in { 1 | Export-EtcdReport a.html }, { $check | Export-EtcdReport a.txt }, $twice) {
                try { & $bad } catch { $_.FullyQualifiedErrorId }
            }
            $check | Export-EtcdReport b.html -Force
            """
        );

        Assert.Equal(
            [
                "ReportInputUnknown,EtcdDr.Commands.ExportEtcdReportCommand",
                "ReportFormatUnknown,EtcdDr.Commands.ExportEtcdReportCommand",
                "ReportExists,EtcdDr.Commands.ExportEtcdReportCommand",
            ],
            output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        );
    }

    [Fact]
    public async Task An_empty_pipeline_is_a_page_that_says_so_and_a_warning()
    {
        var (exitCode, output) = await RunAsync("@() | Export-EtcdReport report.html");

        Assert.Equal(0, exitCode);
        Assert.Contains("WARNING: Nothing was given", output, StringComparison.Ordinal);
        Assert.Contains("Nothing was given", await ReadAsync("report.html"), StringComparison.Ordinal);
    }

    private Task<string> ReadAsync(string name) => File.ReadAllTextAsync(_directory.At(name));

    private Task<(int ExitCode, string Output)> RunAsync(string script) =>
        ScriptProcess.RunAsync(
            $$"""
            $ErrorActionPreference = 'Stop'
            Import-Module '{{Repository.Module}}/EtcdDr.psd1'
            $null = $ExecutionContext.SessionState.Path.SetLocation('{{_directory.Path}}')
            $snapshot = [EtcdDr.EtcdSnapshot]@{
                Name = 'etcd_snapshot_2026-11-22_23-53-31'; Path = '/x/etcd_snapshot_2026-11-22_23-53-31'
                Cluster = 'primary'; Created = [datetime]::UtcNow
            }
            $check = [EtcdDr.EtcdSnapshotTest]@{
                Snapshot = "$snapshot"; Check = 'Files'; Message = 'All files have the sums of the manifest.'
            }
            {{script}}
            """
        );
}
