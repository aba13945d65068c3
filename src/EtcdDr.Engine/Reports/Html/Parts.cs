namespace EtcdDr.Engine.Reports.Html;

/// <summary>Parts that several sections have: badges, figures, facts, tables.</summary>
internal static class Parts
{
    /// <summary>A word with its sign and colour.</summary>
    public static void Badge(HtmlBuilder html, Tone tone, string word)
    {
        using (html.Open("span", ("class", "badge " + Tones.Class(tone))))
        {
            html.Element("span", Tones.Sign(tone), ("class", "sign"), ("aria-hidden", "true")).Text(word);
        }
    }

    /// <summary>Large figures side by side.</summary>
    public static void Figures(HtmlBuilder html, IEnumerable<Figure> figures)
    {
        using (html.Open("dl", ("class", "figures")))
        {
            foreach (var figure in figures)
            {
                using (html.Open("div", ("class", "figure " + Tones.Class(figure.Tone))))
                {
                    html.Element("dt", figure.Name).Element("dd", figure.Value, ("class", "value"));
                    if (figure.Explanation is { } said)
                    {
                        html.Element("dd", said, ("class", "said"));
                    }
                }
            }
        }
    }

    /// <summary>Names and values below each other; what has no value is left out.</summary>
    public static void Facts(HtmlBuilder html, params (string Name, string? Value)[] facts)
    {
        using (html.Open("dl", ("class", "facts")))
        {
            foreach (var (name, value) in facts.Where(f => !string.IsNullOrEmpty(f.Value)))
            {
                using (html.Open("div"))
                {
                    html.Element("dt", name).Element("dd", value);
                }
            }
        }
    }

    /// <summary>A table in a frame that scrolls sideways where the screen is narrow, by keyboard too.</summary>
    /// <param name="html">The page.</param>
    /// <param name="caption">What the table shows; also the name of the frame.</param>
    /// <param name="columns">Headings; one that begins with <c>&gt;</c> is of numbers, which stand to the right.</param>
    /// <param name="rows">Writes the rows.</param>
    public static void Table(HtmlBuilder html, string caption, IReadOnlyList<string> columns, Action rows)
    {
        using (html.Open("div", ("class", "scroll"), ("role", "region"), ("tabindex", "0"), ("aria-label", caption)))
        using (html.Open("table"))
        {
            html.Element("caption", caption);
            using (html.Open("thead"))
            using (html.Open("tr"))
            {
                foreach (var column in columns)
                {
                    var number = column.StartsWith('>');
                    html.Element("th", number ? column[1..] : column, ("scope", "col"), ("class", number ? "number" : null));
                }
            }

            using (html.Open("tbody"))
            {
                rows();
            }
        }
    }

    /// <summary>A row: its first cell is its heading.</summary>
    public static void Row(HtmlBuilder html, string heading, params string?[] cells)
    {
        using (html.Open("tr"))
        {
            html.Element("th", heading, ("scope", "row"));
            foreach (var cell in cells)
            {
                html.Element("td", cell);
            }
        }
    }

    /// <summary>What was found, and below it what to do.</summary>
    public static void Finding(HtmlBuilder html, string message, string? remedy)
    {
        html.Element("p", message);
        if (remedy is not null)
        {
            using (html.Open("p", ("class", "remedy")))
            {
                html.Element("strong", "To do: ").Text(remedy);
            }
        }
    }
}
