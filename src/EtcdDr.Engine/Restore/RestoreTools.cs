using EtcdDr.Engine.Etcd;
using EtcdDr.Engine.Etcd.Programs;
using EtcdDr.Engine.Nodes;

namespace EtcdDr.Engine.Restore;

/// <summary>
/// The programs that build the members of a restore: one version for all nodes, since members that different versions built need not be
/// alike, and the one that can raise revisions before all others. A node that lacks it gets it from one that has it. Pure.
/// </summary>
/// <param name="Own">Nodes that have the program, with it.</param>
/// <param name="Givers">Nodes that get it, with the node that gives it.</param>
internal sealed record RestoreTools(IReadOnlyDictionary<string, EtcdProgram> Own, IReadOnlyDictionary<string, string> Givers)
{
    /// <summary>Whether every node's members can be raised. Where no node has a program it is not known before one was uploaded.</summary>
    public bool Raise => Own.Count > 0 && Own.Values.All(t => t.BumpsRevision);

    /// <summary>None, on any node.</summary>
    public static RestoreTools None { get; } = new(new Dictionary<string, EtcdProgram>(), new Dictionary<string, string>());

    /// <summary>The program that a node uses, its own or one that it is given; null where it is none of any node.</summary>
    public EtcdProgram? Of(string node) => Own.GetValueOrDefault(node) ?? (Givers.TryGetValue(node, out var giver) ? Own[giver] : null);

    /// <summary>Chooses them.</summary>
    /// <param name="nodes">What was read of the control-plane nodes.</param>
    public static RestoreTools Choose(IReadOnlyList<NodeFacts> nodes)
    {
        var fit = nodes.ToDictionary(n => n.Node.Name, Fitting, StringComparer.Ordinal);
        var version = fit
            .Values.SelectMany(own => own.Select(t => t.Version!).Distinct())
            .GroupBy(v => v, StringComparer.Ordinal)
            .OrderByDescending(v => fit.Values.SelectMany(own => own).First(t => t.Version == v.Key).BumpsRevision)
            .ThenByDescending(v => v.Count())
            .ThenByDescending(v => Version.Parse(v.Key))
            .Select(v => v.Key)
            .FirstOrDefault();
        var own = new Dictionary<string, EtcdProgram>(StringComparer.Ordinal);
        var givers = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var node in nodes)
        {
            var name = node.Node.Name;
            if (fit[name].FirstOrDefault(t => t.Version == version) is { } tool)
            {
                own[name] = tool;
            }
            else if (nodes.FirstOrDefault(g => g.Machine == node.Machine && fit[g.Node.Name].Any(t => t.Version == version)) is { } giver)
            {
                givers[name] = giver.Node.Name;
            }
            else if (fit[name].FirstOrDefault() is { } another)
            {
                // Of another processor: a program of its own, of another version, is better than one that does not run.
                own[name] = another;
            }
        }

        return new RestoreTools(own, givers);
    }

    private static List<EtcdProgram> Fitting(NodeFacts node)
    {
        var minor = node.EtcdVersion is { } version ? EtcdVersions.Minor(version) : null;
        return [.. node.Programs.Programs.Where(p => EtcdProgram.Restoring([p], minor) is not null)];
    }
}
