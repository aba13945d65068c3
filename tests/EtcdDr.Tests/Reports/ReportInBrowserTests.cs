using EtcdDr.Engine.Reports;
using EtcdDr.Tests.Snapshots;

namespace EtcdDr.Tests.Reports;

public sealed class ReportInBrowserTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [ChromiumFact]
    public async Task A_browser_has_nothing_to_say_about_the_page_and_shows_it_all()
    {
        var path = await WriteAsync(page => page);

        var (dom, console) = await Chromium.OpenAsync(path);

        Assert.Empty(console);
        Assert.Contains("<h1>A night's work</h1>", dom, StringComparison.Ordinal);
        Assert.Contains("served, away for 14.5 s, then served again.", dom, StringComparison.Ordinal);
        // What a browser has to mend is no longer what was written: a table in the wrong place, an element that was not closed.
        Assert.Equal(Elements(await File.ReadAllTextAsync(path)), Elements(dom));
    }

    [ChromiumFact]
    public async Task A_style_or_script_that_found_its_way_into_the_page_would_be_refused_aloud()
    {
        var path = await WriteAsync(page =>
            page.Replace("</main>", "<p style=\"color: red\">x</p><script>document.title = 'x'</script></main>", StringComparison.Ordinal)
        );

        var (_, console) = await Chromium.OpenAsync(path);

        Assert.Contains(console, line => line.Contains("style-src", StringComparison.Ordinal));
        Assert.Contains(console, line => line.Contains("script", StringComparison.Ordinal));
    }

    private static string Elements(string html) =>
        string.Join(
            ' ',
            System
                .Text.RegularExpressions.Regex.Matches(html[html.IndexOf("<body", StringComparison.Ordinal)..], "</?[a-z0-9]+")
                .Select(m => m.Value)
        );

    private async Task<string> WriteAsync(Func<string, string> change)
    {
        var path = _directory.At("report.html");
        await File.WriteAllTextAsync(
            path,
            change(ReportFile.Format(ReportSamples.Everything(), EtcdReportFormat.Html, "A night's work", ReportSamples.Now))
        );
        return path;
    }
}
