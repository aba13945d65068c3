namespace EtcdDr.Engine.Reports.Html;

/// <summary>A snapshot and what its checks found; or checks alone, of what is no snapshot that can be read.</summary>
internal sealed class SnapshotSection(string place, EtcdSnapshot? snapshot, IReadOnlyList<EtcdSnapshotTest> tests, DateTime now)
    : IReportSection
{
    /// <inheritdoc/>
    public string Heading =>
        $"Snapshot {snapshot?.Name ?? place[(place.LastIndexOf('/') + 1)..]}{(snapshot?.ComputerName is { } host ? $" on {host}" : "")}";

    /// <inheritdoc/>
    public Tone Tone => tests.Count == 0 ? Tone.Plain : Tones.Worst(tests.Select(t => Tones.Of(t.Severity)));

    /// <inheritdoc/>
    public string Verdict
    {
        get
        {
            var findings = tests.Count(t => !t.Success);
            return tests.Count == 0 ? "not checked here"
                : findings == 0 ? $"{ReportText.Count(tests.Count, "check", "checks")} passed"
                : ReportText.Count(findings, "finding", "findings");
        }
    }

    /// <inheritdoc/>
    public void Write(HtmlBuilder html)
    {
        if (snapshot is not null)
        {
            Parts.Figures(html, Figures(snapshot));
            Facts(html, snapshot);
        }

        if (tests.Count > 0)
        {
            html.Element("h3", "Checks");
            Tests(html);
        }

        if (snapshot is { Files.Count: > 0 })
        {
            Files(html, snapshot);
        }
    }

    private IEnumerable<Figure> Figures(EtcdSnapshot of)
    {
        yield return new Figure("Age", HumanText.Age(of.Created, now), "when this page was written");
        yield return new Figure("Database", HumanText.Size(of.DbSize), $"{HumanText.Size(of.Size)} with all that belongs to it");
        if (of.KeyCount is { } keys)
        {
            yield return new Figure(
                "Keys",
                ReportText.Number(keys),
                of.Revision is { } revision ? $"at revision {ReportText.Number(revision)}" : null
            );
        }

        if (of.TakenIn is { } took)
        {
            yield return new Figure("Taken in", HumanText.Duration(took), "until it was proven against the members");
        }
    }

    private static void Facts(HtmlBuilder html, EtcdSnapshot of) =>
        Parts.Facts(
            html,
            ("Cluster", of.Cluster),
            ("Label", of.Label),
            ("Taken", ReportText.Time(of.Created)),
            ("Place", of.ToString()),
            ("kube-api endpoint", of.Server),
            ("Kubernetes", of.KubernetesVersion),
            ("etcd", of.EtcdVersion),
            ("Cluster id", of.ClusterId),
            ("HashKV", of.HashKv?.ToString()),
            ("Database SHA-256", of.Sealed ? null : of.Files.FirstOrDefault(f => f.Path.EndsWith(".db", StringComparison.Ordinal))?.Sha256),
            (
                "Secrets in etcd encrypted",
                of.EncryptionAtRest is { } encrypted
                    ? encrypted
                        ? "yes"
                        : "no"
                    : null
            ),
            ("Sealed to certificates", of.Sealed ? "yes" : "no: it holds the cluster's keys in the clear"),
            ("Nodes", string.Join(", ", of.Nodes.Select(n => n.Address is null ? n.Name : $"{n.Name} ({n.Address})")))
        );

    private void Tests(HtmlBuilder html) =>
        Parts.Table(
            html,
            "Checks of the snapshot",
            ["Result", "Check", "Finding", ">Took"],
            () =>
            {
                foreach (var test in tests.OrderByDescending(t => t.Severity))
                {
                    using (html.Open("tr"))
                    {
                        using (html.Open("td"))
                        {
                            Parts.Badge(
                                html,
                                Tones.Of(test.Severity),
                                test.Success ? "passed"
                                    : test.Severity == SnapshotTestSeverity.Warning ? "warning"
                                    : "error"
                            );
                        }

                        html.Element("th", test.Check, ("scope", "row"));
                        using (html.Open("td", ("class", "finding")))
                        {
                            Parts.Finding(
                                html,
                                test.Target is null || test.Message.Contains(test.Target, StringComparison.Ordinal)
                                    ? test.Message
                                    : $"{test.Target}: {test.Message}",
                                test.Remedy
                            );
                        }

                        html.Element("td", HumanText.Duration(test.Elapsed), ("class", "number"));
                    }
                }
            }
        );

    private static void Files(HtmlBuilder html, EtcdSnapshot of)
    {
        using (html.Open("details"))
        {
            html.Element("summary", $"Files and their sums ({ReportText.Number(of.Files.Count)})");
            Parts.Table(
                html,
                "Files of the snapshot",
                ["Path", ">Size", "SHA-256"],
                () =>
                {
                    foreach (var file in of.Files)
                    {
                        using (html.Open("tr"))
                        {
                            html.Element("th", file.Path, ("scope", "row"))
                                .Element("td", HumanText.Size(file.Size), ("class", "number"))
                                .Element("td", file.Sha256, ("class", "code"));
                        }
                    }
                }
            );
        }
    }
}
