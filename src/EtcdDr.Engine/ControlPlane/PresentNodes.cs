using System.Collections.Concurrent;
using EtcdDr.Engine.Operations;

namespace EtcdDr.Engine.ControlPlane;

/// <summary>The nodes that are there, where a majority of them is enough: on the worst night one node is lost, and the rest must
/// start.</summary>
internal static class PresentNodes
{
    /// <summary>Reads all nodes at once and leaves out those that cannot be reached, with a warning.</summary>
    /// <param name="nodes">The nodes.</param>
    /// <param name="read">Reads one.</param>
    /// <param name="context">The operation.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="EtcdDrException">No majority can be reached, or what was read of a node is at fault.</exception>
    public static async Task<IReadOnlyList<T>> ReadAsync<T>(
        IReadOnlyList<ClusterNode> nodes,
        Func<ClusterNode, CancellationToken, Task<T>> read,
        OperationContext context,
        CancellationToken cancellationToken
    )
    {
        var found = new ConcurrentDictionary<string, T>(StringComparer.Ordinal);
        var away = new ConcurrentDictionary<string, EtcdDrException>(StringComparer.Ordinal);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = context.ThrottleLimit, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(
            nodes,
            parallel,
            async (node, ct) =>
            {
                try
                {
                    found[node.Name] = await read(node, ct);
                }
                catch (EtcdDrException e) when (e.Category is EtcdDrErrorCategory.ConnectionError or EtcdDrErrorCategory.OperationTimeout)
                {
                    away[node.Name] = e;
                }
            }
        );
        var missing = away.OrderBy(a => a.Key, StringComparer.Ordinal).ToList();
        if (missing.Count > 0 && found.Count <= nodes.Count / 2)
        {
            throw missing[0].Value;
        }

        foreach (var (node, why) in missing)
        {
            context.Sink.Warning($"Node '{node}' is left out: {why.Message} Run the same again when it is there.");
        }

        return [.. found.OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => f.Value)];
    }
}
