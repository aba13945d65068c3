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
