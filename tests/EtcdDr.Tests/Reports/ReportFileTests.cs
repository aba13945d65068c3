using System.Text;
using EtcdDr.Engine.Journals;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Reports;
using EtcdDr.Engine.Snapshots;
using EtcdDr.Engine.Ssh;
using EtcdDr.Tests.Fakes;
using EtcdDr.Tests.Snapshots;

namespace EtcdDr.Tests.Reports;

/// <summary>Reports on disk: how they are written, and how those of restores are read back.</summary>
public sealed class ReportFileTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("/x/report.html", EtcdReportFormat.Html)]
    [InlineData("/x/REPORT.HTM", EtcdReportFormat.Html)]
    [InlineData("/x/results.xml", EtcdReportFormat.JUnit)]
    [InlineData("/x/etcddr.prom", EtcdReportFormat.OpenMetrics)]
    [InlineData("/x/report.txt", null)]
    public void The_ending_of_the_name_says_how_it_is_written(string path, EtcdReportFormat? format) =>
        Assert.Equal(format, ReportFile.FormatOf(path));

    [Fact]
    public async Task A_file_that_is_there_is_kept_unless_it_is_to_be_replaced()
    {
        var path = Path.Combine(_directory.Path, "new/report.html");
        await ReportFile.WriteAsync(path, "one", EtcdReportFormat.Html, replace: false, CancellationToken.None);

        var refusal = await Assert.ThrowsAsync<EtcdDrException>(() =>
            ReportFile.WriteAsync(path, "two", EtcdReportFormat.Html, replace: false, CancellationToken.None)
        );
        Assert.Equal("ReportExists", refusal.ErrorId);
        Assert.Equal("one", await File.ReadAllTextAsync(path));

        await ReportFile.WriteAsync(path, "two", EtcdReportFormat.Html, replace: true, CancellationToken.None);
        Assert.Equal("two", await File.ReadAllTextAsync(path));
        Assert.Equal([path], Directory.GetFiles(Path.GetDirectoryName(path)!));
    }

    [Fact]
    public async Task Metrics_can_be_read_by_the_collectors_user()
    {
        var path = Path.Combine(_directory.Path, "etcddr.prom");
        await ReportFile.WriteAsync(path, "# EOF\n", EtcdReportFormat.OpenMetrics, replace: true, CancellationToken.None);

        Assert.Equal("644", Convert.ToString((int)File.GetUnixFileMode(path), 8));
    }

    [Fact]
    public async Task A_reader_never_sees_a_half()
    {
        var path = Path.Combine(_directory.Path, "etcddr.prom");
        var text = new string('x', 1 << 20) + "# EOF\n";
        await ReportFile.WriteAsync(path, text, EtcdReportFormat.OpenMetrics, replace: true, CancellationToken.None);
        using var stop = new CancellationTokenSource();
        var reading = Task.Run(() =>
        {
            var halves = 0;
            while (!stop.IsCancellationRequested)
                halves += Directory.GetFiles(_directory.Path, "*.prom").Count(f => new FileInfo(f).Length != text.Length);
            return halves;
        });

        for (var i = 0; i < 30; i++)
            await ReportFile.WriteAsync(path, text, EtcdReportFormat.OpenMetrics, replace: true, CancellationToken.None);
        await stop.CancelAsync();

        Assert.Equal(0, await reading);
    }

    [Fact]
    public async Task What_cannot_be_written_is_told_with_its_path()
    {
        var file = Path.Combine(_directory.Path, "file");
        await File.WriteAllTextAsync(file, "");

        var failure = await Assert.ThrowsAsync<EtcdDrException>(() =>
            ReportFile.WriteAsync(file + "/report.html", "x", EtcdReportFormat.Html, replace: true, CancellationToken.None)
        );

        Assert.Equal("ReportNotWritten", failure.ErrorId);
        Assert.Contains(file, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_restores_report_is_read_from_its_file_and_from_its_directory_as_it_was_written()
    {
        var report = Path.Combine(Directory.CreateDirectory(Path.Combine(_directory.Path, "restore_attempted_x")).FullName, "report.json");
        await File.WriteAllBytesAsync(
            report,
            System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(ReportSamples.Restore, RestoreJsonContext.Default.EtcdRestore)
        );

        var read = (await ReadAsync(report)).Restores.Concat((await ReadAsync(Path.GetDirectoryName(report)!)).Restores).ToList();

        Assert.Equal(2, read.Count);
        Assert.All(
            read,
            restore =>
                Assert.Equal(
                    ReportFile.Format(ReportSamples.Of(ReportSamples.Restore), EtcdReportFormat.Html, "x", ReportSamples.Now),
                    ReportFile.Format(ReportSamples.Of(restore), EtcdReportFormat.Html, "x", ReportSamples.Now)
                )
        );
    }

    [Fact]
    public async Task A_snapshots_directory_brings_the_restores_that_were_made_of_it()
    {
        var snapshot = SnapshotSamples.WriteOwn(_directory.Path);
        var attempt = Directory.CreateDirectory(Path.Combine(snapshot, "restore_attempted_2026-11-23_03-25-05")).FullName;
        await File.WriteAllBytesAsync(
            Path.Combine(attempt, "report.json"),
            System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(ReportSamples.Restore, RestoreJsonContext.Default.EtcdRestore)
        );

        var content = await ReadAsync(snapshot);

        Assert.Equal(Path.GetFileName(snapshot), Assert.Single(content.Snapshots).Name);
        Assert.Equal(ReportSamples.Restore.Id, Assert.Single(content.Restores).Id);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("{\"id\":\"x\"}")]
    public void What_is_no_report_is_refused_by_name(string json)
    {
        var failure = Assert.Throws<EtcdDrException>(() => ReportReader.Parse(Encoding.UTF8.GetBytes(json), "/x/report.json"));

        Assert.Equal("RestoreReportInvalid", failure.ErrorId);
        Assert.Contains("/x/report.json", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_directory_with_nothing_to_tell_of_is_an_error()
    {
        var failure = await Assert.ThrowsAsync<EtcdDrException>(() => ReadAsync(_directory.Path));

        Assert.Equal("ReportSourceEmpty", failure.ErrorId);
    }

    private static async Task<ReportContent> ReadAsync(string path)
    {
        var content = new ReportContent();
        await new ReportReader(new OperationContext(new RecordingSink()), new SshHostFactory()).ReadAsync(
            SnapshotLocation.Parse(path),
            content,
            CancellationToken.None
        );
        return content;
    }
}
