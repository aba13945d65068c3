namespace EtcdDr.Engine.Reports.Html;

/// <summary>What a restore did when: its phases, what the API did meanwhile, and the steps of the cluster and of each node.</summary>
internal sealed class RestoreTimeline
{
    private readonly EtcdRestore _restore;
    private readonly List<RestoreStepResult> _steps;
    private readonly DateTime _end;

    /// <summary>Takes the restore's steps; those that never ended reach to the restore's end.</summary>
    public RestoreTimeline(EtcdRestore restore)
    {
        _restore = restore;
        _steps = [.. restore.Steps.OrderBy(s => s.Started)];
        var last = _steps.Select(s => s.Finished ?? s.Started).Append(restore.Started).Max();
        _end = restore.Finished is { } finished && finished > last ? finished : last;
    }

    /// <summary>Nodes that have steps of their own, by name.</summary>
    public IReadOnlyList<string> Nodes =>
        [.. _steps.Select(s => s.Node).OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>Draws the whole, and, where it would be too small to be seen in it, the time in which the API was away.</summary>
    public void Write(HtmlBuilder html)
    {
        Draw(html, "The whole, from beginning to end", _restore.Started, _end);
        if (_restore.ApiStopped is { } stopped && _restore.ApiReady is { } ready && (ready - stopped) * 2 < _end - _restore.Started)
        {
            var margin = (ready - stopped) * 0.04;
            Draw(html, "Closer: while the API was away", stopped - margin, ready + margin);
        }

        Legend(html);
    }

    private static string Word(RestoreStepResult step) =>
        step.Outcome == "Failed" ? "failed"
        : step.Finished is null ? "did not end"
        : "done";

    private void Draw(HtmlBuilder html, string caption, DateTime from, DateTime to)
    {
        using (html.Open("figure"))
        {
            html.Element("figcaption", caption);
            new Timeline(from, to).Draw(html, _restore.Started, Rows());
        }
    }

    private IEnumerable<TimelineRow> Rows()
    {
        yield return Phases();
        yield return Api();
        if (_steps.Any(s => s.Node is null))
        {
            yield return Steps("cluster", null);
        }

        foreach (var node in Nodes)
        {
            yield return Steps(node, node);
        }
    }

    private TimelineRow Phases()
    {
        var bars = _steps
            .GroupBy(s => s.Phase)
            .Select(phase =>
            {
                var (from, to) = (phase.Min(s => s.Started), phase.Max(End));
                var took = HumanText.Duration(to - from);
                return new TimelineBar(from, to, "phase " + Kind(phase.Key), $"{phase.Key} {took}", $"{phase.Key}: {took}");
            })
            .ToList();
        return new TimelineRow("Phases", string.Join(", ", bars.Select(b => b.Detail)) + ".", bars);
    }

    private TimelineRow Api()
    {
        if (_restore.ApiStopped is not { } stopped)
        {
            return new TimelineRow(
                "API",
                "served all the time.",
                [new TimelineBar(_restore.Started, _end, "served", "served all the time", "The API served all the time.")]
            );
        }

        var bars = new List<TimelineBar>
        {
            new(_restore.Started, stopped, "served", "served", $"The API served for {HumanText.Duration(stopped - _restore.Started)}."),
        };
        var back = _restore.ApiReady ?? _end;
        var away = HumanText.Duration(back - stopped);
        bars.Add(new TimelineBar(stopped, back, "away", $"away {away}", $"No apiserver was ready for {away}."));
        if (_restore.ApiReady is null)
        {
            return new TimelineRow("API", $"served, then away until the end, {away}.", bars);
        }

        bars.Add(
            new TimelineBar(
                back,
                _end,
                "served",
                "serves again",
                $"The API served again, {HumanText.Duration(back - _restore.Started)} after the beginning."
            )
        );
        return new TimelineRow("API", $"served, away for {away}, then served again.", bars);
    }

    private TimelineRow Steps(string name, string? node)
    {
        var own = _steps.Where(s => s.Node == node).ToList();
        var bars = own.Select(s => new TimelineBar(
                s.Started,
                End(s),
                s.Outcome == "Failed" ? "failed" : Kind(s.Phase),
                s.Name,
                $"{s.Phase}: {s.Name}, {HumanText.Duration(End(s) - s.Started)}, {Word(s)}, begun "
                    + $"{ReportText.Offset(s.Started - _restore.Started)}{(s.Message is null ? "" : $". {s.Message}")}"
            ))
            .ToList();
        var failed = own.Count(s => s.Outcome == "Failed");
        return new TimelineRow(
            name,
            $"{ReportText.Count(own.Count, "step", "steps")}, {(failed == 0 ? "none failed" : $"{failed} failed")}; the table below "
                + "lists them.",
            bars
        );
    }

    private DateTime End(RestoreStepResult step) => step.Finished ?? _end;

    private void Legend(HtmlBuilder html)
    {
        using (html.Open("ul", ("class", "legend"), ("aria-hidden", "true")))
        {
            foreach (var phase in _steps.Select(s => s.Phase).Distinct(StringComparer.Ordinal))
            {
                Key(html, Kind(phase), phase);
            }

            Key(html, "served", "API serves");
            if (_restore.ApiStopped is not null)
            {
                Key(html, "away", "API away");
            }

            if (_steps.Exists(s => s.Outcome == "Failed"))
            {
                Key(html, "failed", "Failed");
            }
        }
    }

    private static void Key(HtmlBuilder html, string kind, string word)
    {
        using (html.Open("li"))
        {
            using (html.Open("svg", ("class", "key bar " + kind)))
            {
                html.Element("rect", null, ("class", "body"), ("width", "100%"), ("height", "100%"));
            }

            html.Text(word);
        }
    }

    private static string Kind(string phase) =>
        phase switch
        {
            "Preflight" or "Stage" => "stage",
            "Cutover" => "cutover",
            "Rollback" or "Undo" => "back",
            _ => "converge",
        };
}
