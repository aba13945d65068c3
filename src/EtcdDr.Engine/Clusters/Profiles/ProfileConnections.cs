using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Ssh;
using EtcdDr.Engine.Ssh.Connections;

namespace EtcdDr.Engine.Clusters.Profiles;

/// <summary>Checks where a profile leads: the API, every jump host in turn, every node and its sudo, every host. Nothing is
/// changed.</summary>
/// <param name="inspection">Takes the outcomes.</param>
/// <param name="context">The operation.</param>
/// <param name="hosts">Connects to hosts.</param>
public sealed class ProfileConnections(ProfileInspection inspection, OperationContext context, IRemoteHostFactory hosts)
{
    private readonly HashSet<string> _passed = new(StringComparer.Ordinal);

    /// <summary>Checks a cluster: its API, its nodes and the way to them.</summary>
    public async Task ClusterAsync(EtcdCluster cluster, CancellationToken cancellationToken)
    {
        await using var session = new ClusterSession(cluster, context, hosts);
        await inspection.CheckAsync(
            cluster.Name,
            "Api",
            cluster.Server.ToString(),
            async () => await (await session.ApiAsync(cancellationToken)).VersionAsync(cancellationToken)
        );
        IReadOnlyList<ClusterNode> nodes = [];
        if (
            !await inspection.CheckAsync(
                cluster.Name,
                "Nodes",
                null,
                async () => nodes = await ClusterNodes.GetAsync(session, null, cancellationToken)
            )
        )
        {
            return;
        }

        await HopsAsync(cluster.Name, nodes[0].Name, nodes[0].Address, cluster.Ssh, cancellationToken);
        var options = new ParallelOptions { MaxDegreeOfParallelism = context.ThrottleLimit, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(
            nodes,
            options,
            async (node, ct) =>
            {
                IRemoteHost? host = null;
                if (await inspection.CheckAsync(cluster.Name, "Login", node.Name, async () => host = await session.HostAsync(node, ct)))
                {
                    await inspection.CheckAsync(cluster.Name, "Root", node.Name, () => host!.RunAsync(ProfileCommands.WhoAmI, ct));
                }
            }
        );
    }

    /// <summary>Checks a host and the way to it.</summary>
    public async Task HostAsync(string name, string address, SshSettings ssh, CancellationToken cancellationToken)
    {
        await HopsAsync(name, name, address, ssh, cancellationToken);
        await inspection.CheckAsync(
            name,
            "Login",
            address,
            async () =>
            {
                await using var host = await hosts.ConnectAsync(name, address, ssh, context, cancellationToken);
            }
        );
    }

    // Each jump host through those before it, so that the first that does not let through is named.
    private async Task HopsAsync(string subject, string name, string address, SshSettings ssh, CancellationToken cancellationToken)
    {
        var hops = SshTargetResolver.Resolve(name, address, ssh, context.Sink).JumpHosts;
        for (var i = 0; i < hops.Count; i++)
        {
            var hop = hops[i] with { JumpHosts = [.. hops.Take(i)] };
            var way = string.Join(" > ", hops.Take(i + 1).Select(h => $"{h.User}@{h.Endpoint}"));
            if (!_passed.Add(way))
            {
                continue;
            }

            var through = await inspection.CheckAsync(
                subject,
                "Hop",
                way,
                async () =>
                {
                    await using var connection = await SshConnection.OpenAsync(hop, context, cancellationToken);
                }
            );
            if (!through)
            {
                return;
            }
        }
    }
}
