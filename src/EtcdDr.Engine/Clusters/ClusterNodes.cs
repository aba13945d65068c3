using System.Text.Json.Nodes;
using EtcdDr.Engine.Kube;

namespace EtcdDr.Engine.Clusters;

/// <summary>Which nodes a cluster has and where they are reached.</summary>
public static class ClusterNodes
{
    private static readonly string[] ControlPlaneLabels = ["node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master"];

    /// <summary>
    /// The nodes, control plane first, then by name: the profile's list where it names control-plane nodes by role, else those that the API
    /// lists, at the profile's address, else their InternalIP. Ask before a restore: after one the API tells the source's addresses for a
    /// while.
    /// </summary>
    /// <param name="session">The cluster.</param>
    /// <param name="api">A connection to its API; null to make one if it is needed.</param>
    /// <param name="cancellationToken">Stops asking.</param>
    /// <exception cref="EtcdDrException"><c>ControlPlaneNodesNotFound</c>, and what <see cref="KubeApi"/> throws.</exception>
    public static async Task<IReadOnlyList<ClusterNode>> GetAsync(ClusterSession session, KubeApi? api, CancellationToken cancellationToken)
    {
        var cluster = session.Cluster;
        if (OfProfile(cluster) is { } listed)
        {
            return listed;
        }

        if (api is not null)
        {
            return await FromApiAsync(session, api, cancellationToken);
        }

        await using var own = await KubeApi.ConnectAsync(cluster, cancellationToken);
        return await FromApiAsync(session, own, cancellationToken);
    }

    /// <summary>The profile's nodes in the same order; null where it does not name control-plane nodes by role.</summary>
    internal static IReadOnlyList<ClusterNode>? OfProfile(EtcdCluster cluster) =>
        cluster.Nodes.Any(n => n.Role == NodeRole.ControlPlane) ? Ordered(cluster.Nodes) : null;

    /// <summary>The nodes that an API listed, where the profile does not name them.</summary>
    /// <exception cref="EtcdDrException"><c>ControlPlaneNodesNotFound</c>.</exception>
    internal static IReadOnlyList<ClusterNode> FromObjects(ClusterSession session, IEnumerable<JsonObject> items)
    {
        var nodes = items.Select(item => FromObject(item, session.Cluster.NodeAddresses)).ToList();
        Check(session, nodes);
        return Ordered(nodes);
    }

    private static async Task<IReadOnlyList<ClusterNode>> FromApiAsync(
        ClusterSession session,
        KubeApi api,
        CancellationToken cancellationToken
    )
    {
        var items = new List<JsonObject>();
        try
        {
            await foreach (var item in api.ListAsync("/api/v1/nodes", cancellationToken: cancellationToken))
            {
                items.Add(item);
            }
        }
        catch (EtcdDrException e) when (e.ErrorId == "KubeApiUnreachable")
        {
            throw new EtcdDrException(
                e.ErrorId,
                e.Category,
                e.Message,
                Errors.KubeApiUnreachable_ListNodes_Action.With(e.RecommendedAction),
                e.Target,
                e
            );
        }

        return FromObjects(session, items);
    }

    internal static ClusterNode FromObject(JsonObject item, IReadOnlyDictionary<string, string> addresses)
    {
        var name = (string?)item["metadata"]?["name"] ?? "";
        var labels = item["metadata"]?["labels"] as JsonObject;
        var role = ControlPlaneLabels.Any(l => labels?.ContainsKey(l) == true) ? NodeRole.ControlPlane : NodeRole.Worker;
        return new ClusterNode(name, role, addresses.TryGetValue(name, out var address) ? address : InternalAddress(item) ?? name);
    }

    private static string? InternalAddress(JsonObject node) =>
        (node["status"]?["addresses"] as JsonArray)
            ?.OfType<JsonObject>()
            .Where(a => (string?)a["type"] == "InternalIP")
            .Select(a => (string?)a["address"])
            .FirstOrDefault(a => !string.IsNullOrEmpty(a));

    private static void Check(ClusterSession session, List<ClusterNode> nodes)
    {
        if (!nodes.Exists(n => n.Role == NodeRole.ControlPlane))
        {
            throw new EtcdDrException(
                "ControlPlaneNodesNotFound",
                EtcdDrErrorCategory.ObjectNotFound,
                Errors.ControlPlaneNodesNotFound.With(session.Cluster.Name, nodes.Count, ControlPlaneLabels[0]),
                Errors.ControlPlaneNodesNotFound_Action,
                session.Cluster.Name
            );
        }

        var unknown = session.Cluster.NodeAddresses.Keys.Except(nodes.Select(n => n.Name), StringComparer.Ordinal).ToList();
        if (unknown.Count > 0)
        {
            session.Context.Sink.Warning(
                $"The profile gives addresses for nodes that cluster {session.Cluster.Name} does not have: "
                    + $"{string.Join(", ", unknown.Order(StringComparer.Ordinal))}."
            );
        }
    }

    private static List<ClusterNode> Ordered(IEnumerable<ClusterNode> nodes) =>
        [.. nodes.OrderBy(n => n.Role).ThenBy(n => n.Name, StringComparer.Ordinal)];
}
