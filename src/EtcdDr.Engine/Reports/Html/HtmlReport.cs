using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using EtcdDr.Engine.Operations;

namespace EtcdDr.Engine.Reports.Html;

/// <summary>
/// One page that needs nothing else: no network, no script, its one style sheet named by hash in its own content security policy. So it can
/// be mailed, kept beside a snapshot, and opened on a machine that trusts nobody.
/// </summary>
internal static class HtmlReport
{
    /// <summary>Writes the page.</summary>
    /// <param name="content">What it tells of.</param>
    /// <param name="title">Its heading.</param>
    /// <param name="now">When it is written, UTC.</param>
    public static string Write(ReportContent content, string title, DateTime now)
    {
        var css = Css();
        var sections = Sections(content, now).ToList();
        var html = new HtmlBuilder().Doctype();
        using (html.Open("html", ("lang", "en")))
        {
            using (html.Open("head"))
            {
                Head(html, title, css);
            }

            using (html.Open("body"))
            {
                Header(html, title, now, sections);
                using (html.Open("main"))
                {
                    for (var i = 0; i < sections.Count; i++)
                    {
                        Section(html, sections[i], Id(i));
                    }
                }

                html.Element(
                    "footer",
                    $"Written by {ToolName.Current}. Times are UTC. RTO and RPO are what was measured, not what was promised."
                );
            }
        }

        return html.ToString();
    }

    private static void Head(HtmlBuilder html, string title, string css)
    {
        var hash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(css)));
        html.Void("meta", ("charset", "utf-8")).Line();
        html.Void(
                "meta",
                ("http-equiv", "Content-Security-Policy"),
                ("content", $"default-src 'none'; style-src 'sha256-{hash}'; img-src data:; base-uri 'none'; form-action 'none'")
            )
            .Line();
        html.Void("meta", ("name", "viewport"), ("content", "width=device-width, initial-scale=1")).Line();
        html.Void("meta", ("name", "color-scheme"), ("content", "light dark")).Line();
        html.Void("meta", ("name", "generator"), ("content", ToolName.Current)).Line();
        html.Void("link", ("rel", "icon"), ("href", "data:,")).Line();
        html.Element("title", title).Line().Style(css);
    }

    private static void Header(HtmlBuilder html, string title, DateTime now, IReadOnlyList<IReportSection> sections)
    {
        using (html.Open("header"))
        {
            html.Element("h1", title);
            using (html.Open("p", ("class", "written")))
            {
                html.Text("Written ").Element("time", ReportText.Time(now), ("datetime", ReportText.MachineTime(now)));
            }

            if (sections.Count == 0)
            {
                html.Element("p", "Nothing was given to tell of.", ("class", "lead"));
                return;
            }

            using (html.Open("nav", ("aria-label", "What this page tells of")))
            using (html.Open("ul"))
            {
                for (var i = 0; i < sections.Count; i++)
                {
                    using (html.Open("li"))
                    {
                        html.Element("a", sections[i].Heading, ("href", "#" + Id(i)));
                        Parts.Badge(html, sections[i].Tone, sections[i].Verdict);
                    }
                }
            }
        }
    }

    private static void Section(HtmlBuilder html, IReportSection section, string id)
    {
        using (html.Open("section", ("id", id), ("aria-labelledby", id + "-heading")))
        {
            using (html.Open("div", ("class", "heading")))
            {
                html.Element("h2", section.Heading, ("id", id + "-heading"));
                Parts.Badge(html, section.Tone, section.Verdict);
            }

            section.Write(html);
        }
    }

    private static string Id(int number) => string.Create(CultureInfo.InvariantCulture, $"part-{number + 1}");

    private static IEnumerable<IReportSection> Sections(ReportContent content, DateTime now)
    {
        foreach (var restore in content.Restores)
        {
            yield return new RestoreSection(restore);
        }

        foreach (var site in content.Mirror.GroupBy(c => (c.Primary, c.Secondary)))
        {
            yield return new MirrorSection([.. site]);
        }

        foreach (var snapshot in content.Snapshots)
        {
            yield return new SnapshotSection(
                snapshot.ToString(),
                snapshot,
                [.. content.Tests.Where(t => t.Snapshot == snapshot.ToString())],
                now
            );
        }

        foreach (var alone in content.Tests.Where(t => content.SnapshotOf(t) is null).GroupBy(t => t.Snapshot))
        {
            yield return new SnapshotSection(alone.Key, null, [.. alone], now);
        }

        foreach (
            var compared in content
                .Differences.Select(d => d.ComparedWith)
                .Concat(content.Kinds.Select(k => k.ComparedWith))
                .Distinct(StringComparer.Ordinal)
        )
        {
            yield return new DifferenceSection(
                compared,
                [.. content.Differences.Where(d => d.ComparedWith == compared)],
                [.. content.Kinds.Where(k => k.ComparedWith == compared)]
            );
        }

        foreach (var cluster in content.Members.GroupBy(m => m.Cluster))
        {
            yield return new MemberSection(cluster.Key, [.. cluster]);
        }
    }

    // Line ends as they reach the browser, or the hash would not fit.
    private static string Css()
    {
        using var stream = typeof(HtmlReport).Assembly.GetManifestResourceStream("report.css")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
