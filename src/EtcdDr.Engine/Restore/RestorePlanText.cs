using System.Globalization;
using System.Text;

namespace EtcdDr.Engine.Restore;

/// <summary>A plan as people read it before they say yes.</summary>
public static class RestorePlanText
{
    /// <summary>The whole plan: what was found on each node, each step, what is recycled, what speaks against it.</summary>
    public static string Format(RestorePlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var text = new StringBuilder();
        text.AppendLine(
            $"{(plan.StageOnly ? "Stage" : "Restore")} {plan.Snapshot} ({HumanText.Size(plan.DbSize)}) "
                + $"{(plan.StageOnly ? "on" : "into")} cluster '{plan.Cluster}', restore {plan.Id}."
        );
        text.AppendLine($"The snapshot: {Snapshot(plan)}.");
        text.AppendLine($"{(plan.StageOnly ? "A cutover to it overwrites" : "It overwrites")}: {Target(plan)}.");
        text.AppendLine(
            plan.StageOnly
                ? $"The API stays up. Expected to take about {plan.EstimatedDuration.TotalSeconds:F0} s."
                : $"The API is expected to be away for about {plan.EstimatedApiDowntime.TotalSeconds:F0} s, and back about "
                    + $"{plan.EstimatedDuration.TotalSeconds:F0} s from now."
        );
        if (plan.Quiesce)
        {
            text.AppendLine(
                "Quiet until Complete-EtcdRestore: controller managers, schedulers, the kubelets of workers and CronJobs are held. "
                    + "Not held: "
                    + "pods bound to control-plane nodes, containers that run already, clients of the API."
            );
        }

        if (plan.RaisedTo is { } raised)
        {
            text.AppendLine($"Revisions begin above {raised}.");
        }

        foreach (var node in plan.Nodes)
        {
            AddNode(text, node);
        }

        AddLost(text, plan);

        foreach (var step in plan.Steps.GroupBy(s => s.Number))
        {
            var first = step.First();
            text.AppendLine($"{first.Number, 3}. {first.Phase}: {first.Name}{(first.ApiAway ? " (API away)" : string.Empty)}");
            foreach (var part in step)
            {
                var bytes = part.Bytes > 0 ? $" [{HumanText.Size(part.Bytes)}]" : string.Empty;
                text.AppendLine($"     {(part.Node is null ? string.Empty : part.Node + ": ")}{part.Description}{bytes}");
            }
        }

        foreach (var finding in plan.Findings)
        {
            text.AppendLine($"{(finding.Blocks ? "REFUSED" : "Note")} [{finding.Check}] {finding.Message} {finding.Remedy}");
        }

        return text.ToString().TrimEnd();
    }

    private static void AddLost(StringBuilder text, RestorePlan plan)
    {
        if (plan.Lost.Count == 0)
        {
            return;
        }

        text.AppendLine(
            $"  Given up: {string.Join(", ", plan.Lost)}. The restored etcd consists of "
                + $"{string.Join(", ", plan.Nodes.Select(n => n.MemberName))} and has a new token: "
                + "members of the previous one are no members of it, and it refuses them as peers."
        );
        if (plan.LostCouldServe)
        {
            text.AppendLine($"  DANGER: {LostNodes.Danger(plan.Lost)}");
        }
    }

    /// <summary>The snapshot of a plan: whose, of when, how old, its label and revision.</summary>
    public static string Snapshot(RestorePlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var whose = plan.SnapshotCluster is { } cluster ? $"of cluster '{cluster}', " : "of a cluster that it does not name, ";
        var label = plan.SnapshotLabel is { Length: > 0 } said ? $", '{said}'" : string.Empty;
        var revision = plan.SnapshotRevision is { } number ? $", revision {number}" : string.Empty;
        return $"{whose}taken {Moment(plan.SnapshotCreated, plan.Made)}{label}{revision}";
    }

    /// <summary>What a plan overwrites, with its newest change and how that is known.</summary>
    public static string Target(RestorePlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var at = plan.TargetRevision is { } number ? $" at revision {number}" : ", whose revision could not be read";
        var said = $"cluster '{plan.Cluster}'{at}";
        if (plan.TargetNewestChange is { } change)
        {
            said +=
                $", newest change {Moment(change, plan.Made)} (by the metadata of {plan.TargetNewestKey}, among the last records of its "
                + "database)";
        }

        return plan.TargetWritten is { } written
            ? $"{said}, its database last written {Moment(written, plan.Made)} (by the node's clock)"
            : $"{said}; no member's database file could be read";
    }

    private static string Moment(DateTime time, DateTime now) =>
        string.Create(CultureInfo.InvariantCulture, $"{time:yyyy-MM-dd HH:mm:ss}Z ({HumanText.Age(time, now)} ago)");

    private static void AddNode(StringBuilder text, RestorePlanNode node)
    {
        var tool =
            node.Staged ? "staged already"
            : node.Tool.Length == 0 ? "gets a restore tool"
            : $"{node.Tool} {node.ToolVersion}{(node.BumpsRevision ? ", raises revisions" : string.Empty)}";
        var how = !node.Staged && node.WhyToolRunsAsRoot is { } why ? $", run as root: {why}" : string.Empty;
        text.AppendLine(
            $"  {node.Node} ({node.Address}): member {node.MemberName} {string.Join(",", node.PeerUrls)}, etcd "
                + $"{node.EtcdVersion ?? "?"}, data {node.DataDirectory}, "
                + $"free {HumanText.Size(node.FreeBytes)} of {HumanText.Size(node.NeededBytes)} needed, {tool}{how}"
        );
    }
}
