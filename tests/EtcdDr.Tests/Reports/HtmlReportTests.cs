using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using EtcdDr.Engine.Reports;

namespace EtcdDr.Tests.Reports;

public sealed partial class HtmlReportTests
{
    private static readonly string Page = Write(ReportSamples.Everything());

    [Fact]
    public void The_page_tells_of_everything_that_it_was_given()
    {
        Assert.Contains("Restore into secondary", Page, StringComparison.Ordinal);
        Assert.Contains("Is secondary fit to take over?", Page, StringComparison.Ordinal);
        Assert.Contains("Snapshot etcd_snapshot_2026-11-23_03-20-00 on opc@dr-bastion", Page, StringComparison.Ordinal);
        Assert.Contains("Differences of secondary from the snapshot", Page, StringComparison.Ordinal);
        Assert.Contains("etcd of primary", Page, StringComparison.Ordinal);
    }

    [Fact]
    public void Recovery_time_recovery_point_and_the_time_without_API_are_those_that_were_measured()
    {
        Assert.Equal("14.5 s", Figure("API away"));
        Assert.Equal("17.5 s", Figure("Recovery time (RTO)"));
        Assert.Equal("5 min 8 s", Figure("Recovery point (RPO)"));
        Assert.Contains("aria-label=\"API: served, away for 14.5 s, then served again.\"", Page, StringComparison.Ordinal);
    }

    [Fact]
    public void A_restore_that_was_put_back_claims_no_recovery()
    {
        var page = Write(ReportSamples.Of(ReportSamples.Restore with { State = RestoreState.RolledBack }));

        Assert.DoesNotContain("(RTO)</dt>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("(RPO)</dt>", page, StringComparison.Ordinal);
        Assert.Contains("API back after", page, StringComparison.Ordinal);
    }

    [Fact]
    public void A_stage_says_that_the_API_served_all_the_time()
    {
        var page = Write(
            ReportSamples.Of(
                ReportSamples.Restore with
                {
                    State = RestoreState.Staged,
                    ApiStopped = null,
                    ApiReady = null,
                    ApiDowntime = null,
                    TimeToApi = null,
                }
            )
        );

        Assert.Contains("aria-label=\"API: served all the time.\"", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_from_clusters_cannot_become_markup()
    {
        Assert.DoesNotContain("<script", Page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("\u0007", Page, StringComparison.Ordinal);
        Assert.Contains("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;label&#39;", Page, StringComparison.Ordinal);
    }

    [Fact]
    public void The_policy_allows_the_pages_own_style_sheet_and_nothing_else()
    {
        var css = StyleSheet().Match(Page).Groups[1].Value;
        var hash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(css)));

        Assert.Contains(
            $"content=\"default-src &#39;none&#39;; style-src &#39;sha256-{hash}&#39;; img-src data:; base-uri &#39;none&#39;; "
                + "form-action &#39;none&#39;\"",
            Page,
            StringComparison.Ordinal
        );
        Assert.DoesNotContain(" style=", Page, StringComparison.Ordinal);
        Assert.DoesNotContain(" src=", Page, StringComparison.Ordinal);
        Assert.DoesNotContain("url(", css, StringComparison.Ordinal);
        Assert.DoesNotContain("@import", css, StringComparison.Ordinal);
        Assert.All(Link().Matches(Page), link => Assert.Matches("^(#part-\\d+|data:,)$", link.Groups[1].Value));
    }

    [Fact]
    public void Every_heading_of_a_table_has_a_scope_and_every_table_a_caption()
    {
        Assert.All(TableHeading().Matches(Page), heading => Assert.Contains("scope=\"", heading.Value, StringComparison.Ordinal));
        Assert.Equal(Regex.Count(Page, "<table>"), Regex.Count(Page, "<caption>"));
        Assert.Single(Regex.Matches(Page, "<h1>"));
    }

    [Fact]
    public void A_page_without_anything_says_so() =>
        Assert.Contains("Nothing was given to tell of.", Write(new ReportContent()), StringComparison.Ordinal);

    // WCAG 2.2, success criterion 1.4.3: 4.5 to 1 for text.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Texts_stand_out_from_what_is_behind_them_on_light_dark_and_paper(int theme)
    {
        var colours = Variables()
            .Matches(Page)
            .Select(m => m.Groups[1].Value)
            .ElementAt(theme)
            .Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(v => v.Split(':', StringSplitOptions.TrimEntries))
            .Where(v => v[0].StartsWith("--", StringComparison.Ordinal))
            .ToDictionary(v => v[0][2..], v => v[1]);
        (string Text, string Ground)[] pairs =
        [
            ("text", "page"),
            ("text", "card"),
            ("text", "head"),
            ("soft", "page"),
            ("soft", "card"),
            ("soft", "head"),
            ("link", "card"),
            ("good", "good-soft"),
            ("warn", "warn-soft"),
            ("bad", "bad-soft"),
            ("plain", "plain-soft"),
            ("on", "stage"),
            ("on", "cutover"),
            ("on", "converge"),
            ("on", "back"),
            ("on", "served"),
            ("on", "away"),
            ("on", "bad"),
        ];

        Assert.All(
            pairs,
            pair =>
                Assert.True(
                    Contrast(colours[pair.Text], colours[pair.Ground]) >= 4.5,
                    $"{pair}: {Contrast(colours[pair.Text], colours[pair.Ground]):0.00}"
                )
        );
    }

    private static string Write(ReportContent content) =>
        ReportFile.Format(content, EtcdReportFormat.Html, "A night's work", ReportSamples.Now);

    private static string Figure(string name) =>
        Regex.Match(Page, $"<dt>{Regex.Escape(name)}</dt><dd class=\"value\">([^<]*)</dd>").Groups[1].Value;

    private static double Contrast(string one, string other)
    {
        var (a, b) = (Luminance(one), Luminance(other));
        return (Math.Max(a, b) + 0.05) / (Math.Min(a, b) + 0.05);
    }

    private static double Luminance(string colour)
    {
        var parts = new[] { 1, 3, 5 }
            .Select(i => Convert.ToInt32(colour.Substring(i, 2), 16) / 255.0)
            .Select(c => c <= 0.04045 ? c / 12.92 : Math.Pow((c + 0.055) / 1.055, 2.4))
            .ToArray();
        return (0.2126 * parts[0]) + (0.7152 * parts[1]) + (0.0722 * parts[2]);
    }

    [GeneratedRegex("<style>(.*?)</style>", RegexOptions.Singleline)]
    private static partial Regex StyleSheet();

    [GeneratedRegex("href=\"([^\"]*)\"")]
    private static partial Regex Link();

    [GeneratedRegex("<th[ >][^>]*>?")]
    private static partial Regex TableHeading();

    [GeneratedRegex(@":root \{(.*?)\}", RegexOptions.Singleline)]
    private static partial Regex Variables();
}
