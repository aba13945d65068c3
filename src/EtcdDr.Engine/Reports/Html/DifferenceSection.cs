namespace EtcdDr.Engine.Reports.Html;

/// <summary>How a cluster, or another snapshot, differs from a snapshot.</summary>
internal sealed class DifferenceSection(
    string comparedWith,
    IReadOnlyList<InventoryDifference> differences,
    IReadOnlyList<InventoryKindSummary> kinds
) : IReportSection
{
    private const int MostRows = 2000;

    private int Differing => Math.Max(differences.Count, kinds.Sum(k => k.Missing + k.Added + k.Changed + k.NotReady));

    /// <inheritdoc/>
    public string Heading => $"Differences of {comparedWith} from the snapshot";

    /// <inheritdoc/>
    public Tone Tone => Differing == 0 ? Tone.Good : Tone.Warning;

    /// <inheritdoc/>
    public string Verdict => Differing == 0 ? "none" : ReportText.Count(Differing, "object differs", "objects differ");

    /// <inheritdoc/>
    public void Write(HtmlBuilder html)
    {
        html.Element(
            "p",
            $"Snapshot: {differences.Select(d => d.Snapshot).Concat(kinds.Select(k => k.Snapshot)).First()}",
            ("class", "lead")
        );
        if (kinds.Count > 0)
        {
            Kinds(html);
        }

        if (differences.Count == 0)
        {
            return;
        }

        Parts.Table(
            html,
            "Objects that differ",
            ["Change", "Kind", "Namespace", "Name", "What"],
            () =>
            {
                foreach (var item in differences.OrderBy(d => d.Change).Take(MostRows))
                {
                    using (html.Open("tr"))
                    {
                        using (html.Open("td"))
                        {
                            Parts.Badge(html, Tone.Warning, Word(item.Change));
                        }

                        html.Element("td", item.Kind)
                            .Element("td", item.Namespace ?? "-")
                            .Element("th", item.Name, ("scope", "row"))
                            .Element("td", item.Message, ("class", "finding"));
                    }
                }
            }
        );
        if (differences.Count > MostRows)
        {
            html.Element("p", $"{ReportText.Number(differences.Count - MostRows)} more are not shown.");
        }
    }

    private static string Word(InventoryChange change) =>
        change switch
        {
            InventoryChange.Missing => "missing",
            InventoryChange.Added => "added",
            InventoryChange.Changed => "changed",
            _ => "not ready",
        };

    private void Kinds(HtmlBuilder html) =>
        Parts.Table(
            html,
            "Objects by kind",
            ["Kind", "Group", ">In the snapshot", ">Compared", ">Missing", ">Added", ">Changed", ">Not ready"],
            () =>
            {
                foreach (var kind in kinds)
                {
                    using (html.Open("tr"))
                    {
                        html.Element("th", kind.Kind, ("scope", "row")).Element("td", kind.Group.Length == 0 ? "core" : kind.Group);
                        foreach (
                            var count in new[] { kind.InSnapshot, kind.Compared, kind.Missing, kind.Added, kind.Changed, kind.NotReady }
                        )
                        {
                            html.Element("td", ReportText.Number(count), ("class", "number"));
                        }
                    }
                }
            }
        );
}
