namespace EtcdDr.Engine.Reports.Html;

/// <summary>A restore, or the undoing of one.</summary>
internal sealed class RestoreSection(EtcdRestore restore) : IReportSection
{
    private const int MostRows = 2000;

    private bool IsUndo => restore.Steps.Any(s => s.Phase == "Undo");

    private bool ServesSnapshot =>
        restore.State is RestoreState.Completed or RestoreState.Incomplete or RestoreState.Converging or RestoreState.Quiesced && !IsUndo;

    /// <inheritdoc/>
    public string Heading => IsUndo ? $"Restore into {restore.Cluster} undone" : $"Restore into {restore.Cluster}";

    /// <inheritdoc/>
    public Tone Tone => Tones.Of(restore.State);

    /// <inheritdoc/>
    public string Verdict => restore.State.ToString();

    /// <inheritdoc/>
    public void Write(HtmlBuilder html)
    {
        html.Element("p", restore.Message, ("class", "lead"));
        Parts.Figures(html, Figures());
        NotReady(html);
        Fit(html);
        html.Element("h3", "What happened when");
        if (restore.Steps.Count > 0)
        {
            new RestoreTimeline(restore).Write(html);
            Steps(html);
        }
        else
        {
            html.Element("p", "No steps are recorded.");
        }

        html.Element("h3", "Versions, sums and places");
        Facts(html);
        Nodes(html);
        Members(html);
        Preflight(html);
        Pods(html);
    }

    private IEnumerable<Figure> Figures()
    {
        yield return restore.ApiDowntime is { } away
            ? new Figure("API away", HumanText.Duration(away), "from the order to stop to the first apiserver that was ready")
            : new Figure(
                "API away",
                restore.ApiStopped is null ? "not at all" : "to the end",
                restore.ApiStopped is null ? "no apiserver was stopped" : "none was ready again",
                restore.ApiStopped is null ? Tone.Good : Tone.Bad
            );
        if (restore.TimeToApi is { } back)
        {
            yield return new Figure(
                ServesSnapshot ? "Recovery time (RTO)" : "API back after",
                HumanText.Duration(back),
                "from the beginning until the API served again"
            );
        }

        if (ServesSnapshot && restore.SnapshotAge is { } age)
        {
            yield return new Figure("Recovery point (RPO)", HumanText.Duration(age), "age of the snapshot when the API was stopped");
        }

        if (restore.Duration is { } took)
        {
            yield return new Figure("Took in all", HumanText.Duration(took), "until everything was checked");
        }

        if (restore.Plan is { } plan)
        {
            yield return new Figure(
                "Database",
                HumanText.Size(plan.DbSize),
                $"to {ReportText.Count(plan.Nodes.Count, "control-plane node", "control-plane nodes")}"
            );
        }
    }

    private void NotReady(HtmlBuilder html)
    {
        if (restore.NotReady.Count == 0)
        {
            return;
        }

        html.Element("h3", "Not ready when the waiting time ended");
        Parts.Table(
            html,
            "What was not ready",
            ["Kind", "Namespace", "Name", "Why"],
            () =>
            {
                foreach (var item in restore.NotReady.Take(MostRows))
                {
                    Parts.Row(html, item.Kind, item.Namespace, item.Name, item.Reason);
                }
            }
        );
    }

    private void Steps(HtmlBuilder html)
    {
        var nodes = new RestoreTimeline(restore).Nodes;
        Parts.Table(
            html,
            "Steps in their order, with the time that each took",
            ["Phase", "Step", ">Began", ">Cluster", .. nodes.Select(n => ">" + n), "Outcome"],
            () =>
            {
                foreach (var group in restore.Steps.GroupBy(s => (s.Phase, s.Name)).OrderBy(g => g.Min(s => s.Started)))
                {
                    using (html.Open("tr"))
                    {
                        html.Element("td", group.Key.Phase);
                        html.Element("th", group.Key.Name, ("scope", "row"), ("class", "code"));
                        html.Element("td", ReportText.Offset(group.Min(s => s.Started) - restore.Started), ("class", "number"));
                        foreach (var node in nodes.Prepend(null))
                        {
                            html.Element("td", Took(group.Where(s => s.Node == node).ToList()), ("class", "number"));
                        }

                        using (html.Open("td"))
                        {
                            Outcome(html, group.ToList());
                        }
                    }
                }
            }
        );
    }

    private static string Took(IReadOnlyList<RestoreStepResult> steps)
    {
        if (steps.Count == 0)
        {
            return "";
        }

        return steps.All(s => s.Duration is null)
            ? "did not end"
            : HumanText.Duration(TimeSpan.FromTicks(steps.Sum(s => s.Duration?.Ticks ?? 0)));
    }

    private static void Outcome(HtmlBuilder html, IReadOnlyList<RestoreStepResult> steps)
    {
        var failed = steps.Where(s => s.Outcome == "Failed").ToList();
        if (failed.Count == 0 && steps.All(s => s.Finished is not null))
        {
            // What all nodes say alike is said once.
            html.Text(string.Join("; ", steps.Select(s => s.Message).OfType<string>().Distinct(StringComparer.Ordinal)));
            return;
        }

        Parts.Badge(html, Tone.Bad, failed.Count == 0 ? "did not end" : "failed");
        foreach (var step in failed)
        {
            html.Element("p", step.Node is null ? step.Message : $"{step.Node}: {step.Message}");
        }
    }

    private void Facts(HtmlBuilder html) =>
        Parts.Facts(
            html,
            ("Restore", restore.Id),
            ("Snapshot", restore.SnapshotPath ?? restore.Snapshot),
            ("Snapshot taken", restore.SnapshotCreated is { } created ? ReportText.Time(created) : null),
            ("Database SHA-256", restore.DatabaseSha256),
            ("Snapshot's etcd", restore.EtcdVersion),
            ("Snapshot's Kubernetes", restore.KubernetesVersion),
            ("Cluster id before", restore.PreviousClusterId),
            ("Cluster id now", restore.ClusterId),
            ("HashKV on all members", restore.HashKv?.ToString()),
            ("Began", ReportText.Time(restore.Started)),
            ("Ended", restore.Finished is { } finished ? ReportText.Time(finished) : null),
            ("Carried out by", restore.Tool),
            ("Logs and journal", restore.LogPath)
        );

    private void Nodes(HtmlBuilder html)
    {
        if (restore.Plan is { } plan)
        {
            Parts.Table(
                html,
                "Control-plane nodes",
                ["Node", "Address", "etcd", "Restore tool", "Data directory", "Previous data kept in"],
                () =>
                {
                    foreach (var node in plan.Nodes)
                    {
                        Parts.Row(
                            html,
                            node.Node,
                            node.Address,
                            node.EtcdVersion,
                            $"{node.Tool[(node.Tool.LastIndexOf('/') + 1)..]} "
                                + $"{node.ToolVersion}{(node.BumpsRevision ? ", raises revisions" : "")}",
                            node.DataDirectory,
                            restore.PreviousData.GetValueOrDefault(node.Node)
                        );
                    }
                }
            );
        }
        else if (restore.PreviousData.Count > 0)
        {
            Parts.Table(
                html,
                "Data that was put aside",
                ["Node", "Kept in"],
                () =>
                {
                    foreach (var (node, path) in restore.PreviousData.OrderBy(p => p.Key, StringComparer.Ordinal))
                    {
                        Parts.Row(html, node, path);
                    }
                }
            );
        }
    }

    private void Members(HtmlBuilder html)
    {
        if (restore.Members.Count > 0)
        {
            MemberSection.Table(html, "etcd members at the end", restore.Members);
        }
    }

    private void Preflight(HtmlBuilder html) =>
        Findings(html, "What the preflight found", "Findings of the preflight", restore.Plan?.Findings ?? []);

    private void Fit(HtmlBuilder html) =>
        Findings(html, "What of the state does not fit the nodes", "What does not fit the nodes", restore.Findings);

    private static void Findings(HtmlBuilder html, string heading, string caption, IReadOnlyList<RestoreFinding> findings)
    {
        if (findings.Count == 0)
        {
            return;
        }

        html.Element("h3", heading);
        Parts.Table(
            html,
            caption,
            ["Check", "Node", "Finding"],
            () =>
            {
                foreach (var finding in findings.Take(MostRows))
                {
                    using (html.Open("tr"))
                    {
                        html.Element("th", finding.Check, ("scope", "row")).Element("td", finding.Node);
                        using (html.Open("td"))
                        {
                            Parts.Finding(html, finding.Message, finding.Remedy);
                        }
                    }
                }
            }
        );
    }

    private void Pods(HtmlBuilder html)
    {
        if (restore.Pods.Count == 0)
        {
            return;
        }

        using (html.Open("details"))
        {
            html.Element("summary", $"Pods at the end ({ReportText.Number(restore.Pods.Count)})");
            Parts.Table(
                html,
                "Pods at the end",
                ["Namespace", "Name", "Ready", "Status", ">Restarts", "Node"],
                () =>
                {
                    foreach (var pod in restore.Pods.Take(MostRows))
                    {
                        using (html.Open("tr"))
                        {
                            html.Element("td", pod.Namespace)
                                .Element("th", pod.Name, ("scope", "row"))
                                .Element("td", pod.Ready)
                                .Element("td", pod.Status)
                                .Element("td", pod.Restarts.ToString(), ("class", "number"))
                                .Element("td", pod.Node);
                        }
                    }
                }
            );
            if (restore.Pods.Count > MostRows)
            {
                html.Element("p", $"{ReportText.Number(restore.Pods.Count - MostRows)} more stand in report.json.");
            }
        }
    }
}
