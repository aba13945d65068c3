using System.Text.Json.Nodes;
using EtcdDr.Engine.Clusters;
using EtcdDr.Engine.ControlPlane;
using EtcdDr.Engine.ControlPlane.Manifests;
using EtcdDr.Engine.Kube;

namespace EtcdDr.Engine.Restore;

/// <summary>
/// The leases by which controller managers and schedulers elect one of them. Stored data names a leader that runs no more: the source's, or
/// the one that was stopped. Who starts anew would wait until its lease is over, 15 s and more in which no controller works.
/// </summary>
internal static class LeaderLeases
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);
    private static readonly string[] Electing = ["kube-controller-manager", "kube-scheduler"];

    /// <summary>Gives up the leases for those that held them, as they do themselves when they are stopped in order. Only while none of them
    /// runs, on any node. That it does not succeed costs time and nothing else.</summary>
    /// <param name="session">The cluster.</param>
    /// <param name="nodes">All control-plane nodes that will elect.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>What was done, for the journal.</returns>
    public static async Task<string?> ReleaseAsync(
        ClusterSession session,
        IReadOnlyList<ControlPlaneNode> nodes,
        CancellationToken cancellationToken
    )
    {
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bounded.CancelAfter(Limit);
        try
        {
            await using var api = await RestoredApi.ConnectAsync(session, nodes, session.Context.Sink.Verbose, bounded.Token);
            var released = new List<string>();
            foreach (var path in Paths(nodes.Select(n => n.Manifests)))
            {
                if (await ReleaseAsync(api, path, bounded.Token) is { } holder)
                {
                    released.Add($"{path[(path.LastIndexOf('/') + 1)..]} of {holder}");
                }
            }

            return released.Count == 0 ? "no leader was recorded" : $"released {string.Join(", ", released)}";
        }
        catch (EtcdDrException e)
        {
            return $"not released: {e.Message}";
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return $"not released: no answer within {Limit.TotalSeconds:F0} s";
        }
    }

    /// <summary>Paths of the leases that the nodes' manifests say, each once.</summary>
    internal static IReadOnlyList<string> Paths(IEnumerable<NodeManifests> nodes) =>
        [.. nodes.SelectMany(n => Electing.Select(n.RequireOne).OfType<StaticPodManifest>()).Select(Path).OfType<string>().Distinct()];

    private static string? Path(StaticPodManifest pod)
    {
        var flags = pod.Flags;
        return flags.Last("leader-elect") == "false"
            ? null
            : $"/apis/coordination.k8s.io/v1/namespaces/{flags.Last("leader-elect-resource-namespace") ?? "kube-system"}/leases/"
                + (flags.Last("leader-elect-resource-name") ?? pod.Program);
    }

    // Only the lease that was looked at: whoever took it meanwhile keeps it.
    private static async Task<string?> ReleaseAsync(KubeApi api, string path, CancellationToken cancellationToken)
    {
        var lease = await api.FindAsync(path, cancellationToken);
        if ((string?)lease?["spec"]?["holderIdentity"] is not { Length: > 0 } holder)
        {
            return null;
        }

        var given = new JsonObject
        {
            ["metadata"] = new JsonObject { ["resourceVersion"] = lease!["metadata"]!["resourceVersion"]!.DeepClone() },
            ["spec"] = new JsonObject { ["holderIdentity"] = null },
        };
        await api.PatchAsync(path, given, KubePatch.Merge, cancellationToken);
        return holder;
    }
}
