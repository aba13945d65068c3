using System.Globalization;
using System.Text;

namespace EtcdDr;

/// <summary>The report of a restore as text: pods, etcd members, what is not ready or does not fit, and how it ended. What the view of
/// <see cref="EtcdRestore"/> shows.</summary>
public static class RestoreReportText
{
    private const int MostSteps = 40;

    /// <summary>Formats a report for a console 120 columns wide.</summary>
    public static string Format(EtcdRestore restore)
    {
        ArgumentNullException.ThrowIfNull(restore);
        var text = new StringBuilder();
        AddPods(text, restore.Pods);
        AddMembers(text, restore.Members);
        AddNotReady(text, restore.NotReady);
        AddFindings(text, restore.Findings);
        AddSteps(text, restore.Steps);
        AddEnd(text, restore);
        return text.ToString().TrimEnd();
    }

    private static void AddPods(StringBuilder text, IReadOnlyList<RestorePod> pods)
    {
        if (pods.Count == 0)
        {
            return;
        }

        var widest = Math.Clamp(pods.Max(p => p.Name.Length), 4, 48);
        text.AppendLine(Line("NAMESPACE", 18, "NAME", widest, "READY", 6, "STATUS", 20, "RESTARTS", 9, "NODE", 12));
        foreach (var pod in pods)
        {
            text.AppendLine(
                Line(
                    pod.Namespace,
                    18,
                    pod.Name,
                    widest,
                    pod.Ready,
                    6,
                    pod.Status,
                    20,
                    pod.Restarts.ToString(CultureInfo.InvariantCulture),
                    9,
                    pod.Node ?? "-",
                    12
                )
            );
        }

        text.AppendLine();
    }

    private static void AddMembers(StringBuilder text, IReadOnlyList<EtcdMemberStatus> members)
    {
        if (members.Count == 0)
        {
            return;
        }

        text.AppendLine(
            Line("NODE", 12, "MEMBER ID", 17, "VERSION", 9, "DB SIZE", 10, "LEADER", 7, "APPLIED", 10, "REVISION", 12, "STATE", 24)
        );
        foreach (var member in members)
        {
            var state = member.Healthy ? "healthy" : string.Join("; ", member.Alarms.Concat(member.Errors));
            text.AppendLine(
                Line(
                    member.Node,
                    12,
                    member.MemberId ?? "-",
                    17,
                    member.Version ?? "-",
                    9,
                    HumanText.Size(member.DbSize),
                    10,
                    member.IsLeader ? "true" : "false",
                    7,
                    member.RaftAppliedIndex.ToString(CultureInfo.InvariantCulture),
                    10,
                    member.Revision.ToString(CultureInfo.InvariantCulture),
                    12,
                    state,
                    24
                )
            );
        }

        text.AppendLine();
    }

    private static void AddNotReady(StringBuilder text, IReadOnlyList<RestoreNotReady> left)
    {
        foreach (var item in left)
        {
            text.AppendLine(
                $"Not ready: {item.Kind} {(item.Namespace is null ? item.Name : $"{item.Namespace}/{item.Name}")}: {item.Reason}"
            );
        }

        if (left.Count > 0)
        {
            text.AppendLine();
        }
    }

    private static void AddFindings(StringBuilder text, IReadOnlyList<RestoreFinding> findings)
    {
        foreach (var finding in findings)
        {
            text.AppendLine(
                $"Does not fit{(finding.Node is null ? string.Empty : $" {finding.Node}")}: {finding.Message} {finding.Remedy}"
            );
        }

        if (findings.Count > 0)
        {
            text.AppendLine();
        }
    }

    // One line for a step, whatever the number of nodes: the slowest of them is what it took.
    private static void AddSteps(StringBuilder text, IReadOnlyList<RestoreStepResult> steps)
    {
        var groups = steps.Where(s => s.Finished is not null).GroupBy(s => (s.Phase, s.Name)).Take(MostSteps).ToList();
        foreach (var group in groups)
        {
            var slowest = group.MaxBy(s => s.Duration)!;
            var where = slowest.Node is null ? string.Empty : $" (slowest: {slowest.Node})";
            var failed = group.Count(s => s.Outcome == "Failed");
            var took = (group.Max(s => s.Finished!.Value) - group.Min(s => s.Started)).TotalSeconds.ToString(
                "F1",
                CultureInfo.InvariantCulture
            );
            text.AppendLine(
                $"{group.Key.Phase, -9} {group.Key.Name, -20} {took, 7} s{where}{(failed > 0 ? $", failed {failed} times" : string.Empty)}"
            );
        }

        if (groups.Count > 0)
        {
            text.AppendLine();
        }
    }

    private static void AddEnd(StringBuilder text, EtcdRestore restore)
    {
        void Add(string label, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                text.AppendLine($"{label, -14}: {value}");
            }
        }

        Add("Restore", restore.Id);
        Add("Snapshot", restore.SnapshotPath ?? restore.Snapshot);
        Add("Cluster", restore.Cluster);
        Add("State", restore.State.ToString());
        Add("Message", restore.Message);
        Add("API away", Seconds(restore.ApiDowntime));
        Add("API back after", Seconds(restore.TimeToApi));
        Add("Took", Seconds(restore.Duration));
        Add(
            "etcd cluster",
            restore.ClusterId is null
                ? null
                : $"{restore.PreviousClusterId ?? "-"} before, {restore.ClusterId} now, HashKV {restore.HashKv} on all members"
        );
        foreach (var (node, path) in restore.PreviousData.OrderBy(p => p.Key, StringComparer.Ordinal))
        {
            Add("Kept on " + node, path);
        }

        Add("Logs", restore.LogPath);
        var ended = restore.Finished is { } at
            ? $" at {at.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture)}"
            : string.Empty;
        text.AppendLine(
            $"{(restore.State == RestoreState.Undone ? "Undo" : "Restore")} "
                + $"{(restore.State is RestoreState.Completed or RestoreState.Undone ? "completed" : "ended as " + restore.State)}{ended}"
        );
    }

    private static string? Seconds(TimeSpan? time) =>
        time is { } value ? $"{value.TotalSeconds.ToString("F1", CultureInfo.InvariantCulture)} s" : null;

    private static string Line(params object[] cells)
    {
        var line = new StringBuilder();
        for (var i = 0; i < cells.Length; i += 2)
        {
            var width = (int)cells[i + 1];
            var value = (string)cells[i];
            value = value.Length > width ? value[..(width - 1)] + "…" : value;
            line.Append(value.PadRight(width)).Append(' ');
        }

        return line.ToString().TrimEnd();
    }
}
