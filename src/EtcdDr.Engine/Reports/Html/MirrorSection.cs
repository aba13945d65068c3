namespace EtcdDr.Engine.Reports.Html;

/// <summary>Whether a secondary is fit to take a primary's state.</summary>
internal sealed class MirrorSection(IReadOnlyList<MirrorCheck> checks) : IReportSection
{
    /// <inheritdoc/>
    public string Heading =>
        checks[0].Secondary is { } secondary ? $"Is {secondary} fit to take over?" : "Is the secondary fit to take over?";

    /// <inheritdoc/>
    public Tone Tone => Tones.Worst(checks.Select(c => Tones.Of(c.Status)));

    /// <inheritdoc/>
    public string Verdict =>
        Tone == Tone.Good
            ? $"{ReportText.Count(checks.Count, "check", "checks")}, nothing wrong"
            : $"{Count(MirrorStatus.Fail)} failed, {ReportText.Count(Count(MirrorStatus.Warning), "warning", "warnings")}";

    /// <inheritdoc/>
    public void Write(HtmlBuilder html)
    {
        if (checks[0].Primary is { } primary)
        {
            html.Element("p", $"Compared with {primary}.", ("class", "lead"));
        }

        Parts.Figures(
            html,
            [
                new Figure(
                    "Failed",
                    ReportText.Number(Count(MirrorStatus.Fail)),
                    "a restore would fail, or what is restored would not run",
                    Count(MirrorStatus.Fail) > 0 ? Tone.Bad : Tone.Good
                ),
                new Figure(
                    "Warnings",
                    ReportText.Number(Count(MirrorStatus.Warning)),
                    "something may not run as on the primary",
                    Count(MirrorStatus.Warning) > 0 ? Tone.Warning : Tone.Good
                ),
                new Figure("Worth knowing", ReportText.Number(Count(MirrorStatus.Information)), "or not to be found out"),
                new Figure("Passed", ReportText.Number(Count(MirrorStatus.Pass)), "as it must be"),
            ]
        );
        var told = checks.Where(c => c.Status != MirrorStatus.Pass).OrderByDescending(c => c.Status).ToList();
        if (told.Count > 0)
        {
            Table(html, "What is not as it must be, and what is worth knowing", told);
        }

        var passed = checks.Where(c => c.Status == MirrorStatus.Pass).ToList();
        if (passed.Count > 0)
        {
            using (html.Open("details"))
            {
                html.Element("summary", $"What passed ({ReportText.Number(passed.Count)})");
                Table(html, "Checks that passed", passed);
            }
        }
    }

    private static void Table(HtmlBuilder html, string caption, IEnumerable<MirrorCheck> checks) =>
        Parts.Table(
            html,
            caption,
            ["Result", "Check", "Node", "Primary", "Secondary", "Finding"],
            () =>
            {
                foreach (var check in checks)
                {
                    using (html.Open("tr"))
                    {
                        using (html.Open("td"))
                        {
                            Parts.Badge(html, Tones.Of(check.Status), Word(check.Status));
                        }

                        html.Element("th", check.Name, ("scope", "row"))
                            .Element("td", check.Node ?? "site")
                            .Element("td", check.PrimaryValue)
                            .Element("td", check.SecondaryValue);
                        using (html.Open("td", ("class", "finding")))
                        {
                            Parts.Finding(html, check.Message, check.Remedy);
                        }
                    }
                }
            }
        );

    private static string Word(MirrorStatus status) =>
        status switch
        {
            MirrorStatus.Pass => "passed",
            MirrorStatus.Information => "note",
            MirrorStatus.Warning => "warning",
            _ => "failed",
        };

    private int Count(MirrorStatus status) => checks.Count(c => c.Status == status);
}
