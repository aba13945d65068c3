using System.Globalization;

namespace EtcdDr.Engine.Reports.Html;

/// <summary>
/// Draws what happened when, a line for each node. Each line is a drawing of its own whose horizontal measures are shares of its width, so
/// that it fits every screen while texts and heights keep their size.
/// </summary>
internal sealed class Timeline(DateTime from, DateTime to)
{
    private const int MostTicks = 10;

    /// <summary>A bar narrower than this share has no room for a label.</summary>
    private const double RoomForLabel = 0.07;

    /// <summary>A bar wider than this has room for its label on a telephone too.</summary>
    private const double RoomEverywhere = 0.3;

    private static readonly double[] Steps =
    [
        0.1,
        0.2,
        0.5,
        1,
        2,
        5,
        10,
        15,
        30,
        60,
        120,
        300,
        600,
        900,
        1800,
        3600,
        7200,
        14400,
        43200,
        86400,
    ];

    private readonly double _seconds = Math.Max((to - from).TotalSeconds, 0.1);

    /// <summary>Draws the lines above a scale.</summary>
    /// <param name="html">The page.</param>
    /// <param name="start">What the scale counts from.</param>
    /// <param name="rows">The lines.</param>
    public void Draw(HtmlBuilder html, DateTime start, IEnumerable<TimelineRow> rows)
    {
        var ticks = Ticks(start);
        using (html.Open("div", ("class", "timeline")))
        {
            foreach (var row in rows)
            {
                using (html.Open("div", ("class", "lane")))
                {
                    html.Element("div", row.Name, ("class", "name"), ("aria-hidden", "true"));
                    using (html.Open("svg", ("class", "plot"), ("role", "img"), ("aria-label", $"{row.Name}: {row.Summary}")))
                    {
                        Grid(html, ticks);
                        foreach (var bar in row.Bars)
                        {
                            Draw(html, bar);
                        }
                    }
                }
            }

            Scale(html, start, ticks);
        }
    }

    private static void Grid(HtmlBuilder html, List<DateTime> ticks, Func<DateTime, double> share)
    {
        foreach (var x in ticks.Select(t => ReportText.Percent(share(t))))
        {
            html.Element("line", null, ("class", "grid"), ("x1", x), ("x2", x), ("y1", "0"), ("y2", "100%"));
        }
    }

    private static string Tick(TimeSpan at) =>
        at.TotalSeconds < 60
            ? at.TotalSeconds.ToString("0.#", CultureInfo.InvariantCulture) + " s"
            : at.ToString(at.TotalHours >= 1 ? @"h\:mm\:ss" : @"m\:ss", CultureInfo.InvariantCulture);

    private void Grid(HtmlBuilder html, List<DateTime> ticks) => Grid(html, ticks, Share);

    private void Draw(HtmlBuilder html, TimelineBar bar)
    {
        var begin = Math.Clamp(Share(bar.From), 0, 1);
        var width = Math.Clamp(Share(bar.To), 0, 1) - begin;
        if (bar.To < from || bar.From > to)
        {
            return;
        }

        // A nested drawing clips the label at the bar's end.
        using (
            html.Open(
                "svg",
                ("x", ReportText.Percent(begin)),
                ("width", ReportText.Percent(Math.Max(width, 0.0015))),
                ("class", "bar " + bar.Kind)
            )
        )
        {
            html.Element("title", bar.Detail);
            html.Element("rect", null, ("class", "body"), ("width", "100%"), ("height", "22"), ("y", "3"));
            if (width >= 0.004)
            {
                html.Element("rect", null, ("class", "edge"), ("width", "1"), ("height", "22"), ("y", "3"));
            }

            if (width >= RoomForLabel)
            {
                html.Element("text", bar.Label, ("x", "6"), ("y", "18"), ("class", width >= RoomEverywhere ? null : "wide"));
            }
        }
    }

    private void Scale(HtmlBuilder html, DateTime start, List<DateTime> ticks)
    {
        using (html.Open("div", ("class", "lane scale"), ("aria-hidden", "true")))
        {
            html.Element("div", null, ("class", "name"));
            using (html.Open("svg", ("class", "plot")))
            {
                for (var i = 0; i < ticks.Count; i++)
                {
                    var share = Share(ticks[i]);
                    var anchor =
                        share < 0.03 ? "start"
                        : share > 0.97 ? "end"
                        : "middle";
                    html.Element(
                        "text",
                        Tick(ticks[i] - start),
                        ("x", ReportText.Percent(share)),
                        ("y", "14"),
                        ("text-anchor", anchor),
                        ("class", i % 2 == 0 ? null : "wide")
                    );
                }
            }
        }
    }

    private double Share(DateTime time) => (time - from).TotalSeconds / _seconds;

    private List<DateTime> Ticks(DateTime start)
    {
        var step = Steps.FirstOrDefault(s => _seconds / s <= MostTicks, Steps[^1]);
        var ticks = new List<DateTime>();
        for (
            var i = Math.Ceiling((from - start).TotalSeconds / step);
            start.AddSeconds(i * step) <= to && ticks.Count <= MostTicks * 100;
            i++
        )
        {
            ticks.Add(start.AddSeconds(i * step));
        }

        return ticks;
    }
}
