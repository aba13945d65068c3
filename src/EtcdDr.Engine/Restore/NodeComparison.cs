using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using EtcdDr.Engine.Clusters;
using EtcdDr.Engine.Kube;
using EtcdDr.Engine.Kube.Inventory;
using EtcdDr.Engine.Nodes;

namespace EtcdDr.Engine.Restore;

/// <summary>Asks nodes who they are and the API whom it takes them for.</summary>
internal static class NodeComparison
{
    // Nodes that are away take their time to say so; the others are not to wait for that.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    /// <summary>What does not fit. A node that does not answer in time is not compared.</summary>
    /// <exception cref="EtcdDrException">The API cannot be asked.</exception>
    public static async Task<IReadOnlyList<RestoreFinding>> RunAsync(
        ClusterSession session,
        KubeApi api,
        IReadOnlyList<ClusterNode> nodes,
        CancellationToken cancellationToken
    )
    {
        var live = await AskAsync(session, nodes, cancellationToken);
        var known = await ListAsync(api, "/api/v1/nodes", cancellationToken);
        var attachments = await ListAsync(api, "/apis/storage.k8s.io/v1/volumeattachments", cancellationToken);
        var mounted = live.Values.SelectMany(l => l.Volumes).ToHashSet(StringComparer.Ordinal);
        var attachable = mounted.Count == 0 ? [] : await AttachableAsync(api, mounted, cancellationToken);
        return NodeClaims.Judge(known, attachments, attachable.Contains, live);
    }

    private static async Task<IReadOnlyDictionary<string, NodeIdentity>> AskAsync(
        ClusterSession session,
        IReadOnlyList<ClusterNode> nodes,
        CancellationToken cancellationToken
    )
    {
        var live = new ConcurrentDictionary<string, NodeIdentity>(StringComparer.Ordinal);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = session.Context.ThrottleLimit, CancellationToken = limit.Token };
        try
        {
            await Parallel.ForEachAsync(
                nodes,
                parallel,
                async (node, ct) =>
                {
                    try
                    {
                        var host = await session.HostAsync(node, ct);
                        live[node.Name] = NodeIdentity.Parse((await host.RunAsync(NodeCommands.Identity, ct)).Text);
                    }
                    catch (EtcdDrException e)
                    {
                        session.Context.Sink.Verbose($"Node '{node.Name}' is not compared with the restored state: {e.Message}");
                    }
                }
            );
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            session.Context.Sink.Verbose(
                $"{nodes.Count - live.Count} nodes did not answer within {Limit.TotalSeconds:F0} s and are not compared with the restored "
                    + "state."
            );
        }

        return live;
    }

    private static async Task<List<JsonObject>> ListAsync(KubeApi api, string path, CancellationToken cancellationToken)
    {
        var items = new List<JsonObject>();
        await foreach (var item in api.ListAsync(path, cancellationToken: cancellationToken))
        {
            items.Add(item);
        }

        return items;
    }

    // Drivers of shared file systems attach nothing; their volumes have no VolumeAttachment.
    private static async Task<HashSet<string>> AttachableAsync(KubeApi api, HashSet<string> volumes, CancellationToken cancellationToken)
    {
        var unattached = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var driver in api.ListAsync("/apis/storage.k8s.io/v1/csidrivers", cancellationToken: cancellationToken))
        {
            if (driver["spec"]?["attachRequired"]?.GetValue<bool>() == false)
            {
                unattached.Add(InventoryRules.Text(driver["metadata"]?["name"]) ?? string.Empty);
            }
        }

        var attachable = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var volume in api.ListAsync("/api/v1/persistentvolumes", cancellationToken: cancellationToken))
        {
            if (
                InventoryRules.Text(volume["metadata"]?["name"]) is { } name
                && volumes.Contains(name)
                && InventoryRules.Text(volume["spec"]?["csi"]?["driver"]) is { } driver
                && !unattached.Contains(driver)
            )
            {
                attachable.Add(name);
            }
        }

        return attachable;
    }
}
