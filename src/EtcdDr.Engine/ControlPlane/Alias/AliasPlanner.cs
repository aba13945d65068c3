using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using EtcdDr.Engine.Clusters;

namespace EtcdDr.Engine.ControlPlane.Alias;

/// <summary>Reads a cluster and tells what adding a name to its front end takes. Changes nothing.</summary>
internal static class AliasPlanner
{
    private const string KubeSystem = "kube-system";

    /// <summary>Makes the plan.</summary>
    public static async Task FillAsync(AliasPlan plan, CancellationToken cancellationToken)
    {
        var cluster = plan.Session.Cluster;
        var map =
            await AliasMap.ReadAsync(plan.Api, KubeSystem, "kubeadm-config", "ClusterConfiguration", cancellationToken)
            ?? throw AliasErrors.NoKubeadmConfiguration(cluster.Name);
        var configuration = KubeadmText.Parse(Errors.Place_ConfigMap_Part.With(map.FullName), map.Before);
        plan.PresentServer = Present(configuration, cluster);
        plan.Server = plan.Options.Switch ? new UriBuilder(plan.PresentServer) { Host = plan.Options.Alias }.Uri : plan.PresentServer;
        plan.Nodes = await ReadNodesAsync(plan, cancellationToken);
        plan.Configuration = WithAlias(plan, configuration);
        plan.Certificates = [.. plan.Nodes.Where(n => n.ControlPlane is not null && NeedsCertificate(n, plan.Options.Alias))];
        var files = plan.Nodes.SelectMany(n => KubeadmFiles(plan, n));
        plan.Files = [.. plan.Options.Switch ? files.Concat(plan.Nodes.SelectMany(n => Kubeconfigs(plan, n))) : files];
        plan.Maps = [.. await MapsAsync(plan, map, cancellationToken)];
        if (plan.Options.Switch)
        {
            await RequireResolvedAsync(plan, cancellationToken);
            plan.LocalKubeconfig = await LocalAsync(plan, cancellationToken);
        }
    }

    private static Uri Present(KubeadmText configuration, EtcdCluster cluster)
    {
        // Without a front end of its own a cluster has one control-plane node, which kubeconfigs name.
        if (configuration.Endpoint is not { } endpoint)
        {
            return cluster.Server;
        }

        var url = new UriBuilder($"https://{endpoint}");
        return endpoint.LastIndexOf(':') > endpoint.LastIndexOf(']') ? url.Uri : new UriBuilder(url.Uri) { Port = 6443 }.Uri;
    }

    private static KubeadmText WithAlias(AliasPlan plan, KubeadmText configuration)
    {
        var named = configuration.WithNames([plan.Options.Alias]);
        return plan.Options.Switch ? named.WithEndpoint($"{plan.Server.Host}:{plan.Server.Port}") : named;
    }

    private static async Task<IReadOnlyList<AliasNode>> ReadNodesAsync(AliasPlan plan, CancellationToken cancellationToken)
    {
        var nodes = await ClusterNodes.GetAsync(plan.Session, plan.Api, cancellationToken);
        var found = new ConcurrentBag<AliasNode>();
        var parallel = new ParallelOptions
        {
            MaxDegreeOfParallelism = plan.Session.Context.ThrottleLimit,
            CancellationToken = cancellationToken,
        };
        await Parallel.ForEachAsync(
            nodes.Where(n => n.Role == NodeRole.ControlPlane || plan.Options.Switch),
            parallel,
            async (node, ct) => found.Add(await AliasNode.ReadAsync(plan.Session, node, plan.Options.Alias, plan.PresentServer.Host, ct))
        );
        return [.. found.OrderBy(n => n.Node.Role).ThenBy(n => n.Node.Name, StringComparer.Ordinal)];
    }

    private static bool NeedsCertificate(AliasNode node, string alias)
    {
        using var certificate = node.Certificate();
        if (ServingCertificate.Covers(certificate, alias))
        {
            return false;
        }

        using var authority = node.Authority();
        if (!ServingCertificate.IsIssuedBy(certificate, authority))
        {
            throw AliasErrors.ForeignAuthority(node.Node.Name, node.PkiDirectory);
        }

        return node.HasAuthorityKey ? true : throw AliasErrors.NoAuthorityKey(node.Node.Name, node.PkiDirectory);
    }

    private static IEnumerable<AliasFile> KubeadmFiles(AliasPlan plan, AliasNode node) =>
        node
            .KubeadmFiles.Select(path =>
                (
                    Path: path,
                    Text: WithAlias(plan, KubeadmText.Parse(Errors.Place_OnNode_Part.With(path, node.Node.Name), node.Text(path))).Text
                )
            )
            .Where(f => f.Text != node.Text(f.Path))
            .Select(f => new AliasFile(node, f.Path, f.Text));

    // kubeadm has the controller manager, the scheduler and, since 1.33, the kubelets of control-plane nodes talk to their own apiserver;
    // those name another server than the front end, and stay. Where a cluster has no front end of its own the two are one, and stay as
    // well.
    private static IEnumerable<AliasFile> Kubeconfigs(AliasPlan plan, AliasNode node) =>
        node
            .Kubeconfigs.Where(path => !IsLocal(plan, node, path))
            .Select(path =>
                (
                    Path: path,
                    Text: KubeconfigText.WithServer(
                        Errors.Place_OnNode_Part.With(path, node.Node.Name),
                        node.Text(path),
                        plan.PresentServer,
                        plan.Server
                    )
                )
            )
            .Where(f => f.Text != node.Text(f.Path))
            .Select(f => new AliasFile(node, f.Path, f.Text));

    private static bool IsLocal(AliasPlan plan, AliasNode node, string path) =>
        plan.PresentServer.Host == node.ApiServer?.AdvertiseAddress && !path.EndsWith("admin.conf", StringComparison.Ordinal);

    private static async Task<List<AliasMap>> MapsAsync(AliasPlan plan, AliasMap kubeadm, CancellationToken cancellationToken)
    {
        var maps = new List<AliasMap>();
        if (plan.Options.Switch)
        {
            foreach (
                var (space, name, key) in new[]
                {
                    ("kube-public", "cluster-info", "kubeconfig"),
                    (KubeSystem, "kube-proxy", "kubeconfig.conf"),
                }
            )
            {
                if (await AliasMap.ReadAsync(plan.Api, space, name, key, cancellationToken) is { } map)
                {
                    maps.Add(
                        map with
                        {
                            After = KubeconfigText.WithServer(
                                Errors.Place_ConfigMap_Part.With(map.FullName),
                                map.Before,
                                plan.PresentServer,
                                plan.Server
                            ),
                        }
                    );
                }
            }
        }

        // Last: it says from where to where the others are switched, to a run that goes on after one that was cut off.
        maps.Add(kubeadm with { After = plan.Configuration.Text });
        return maps.FindAll(m => m.After != m.Before);
    }

    private static async Task RequireResolvedAsync(AliasPlan plan, CancellationToken cancellationToken)
    {
        var alias = plan.Options.Alias;
        var missing = plan
            .Nodes.Where(n => n.Resolves.GetValueOrDefault(alias) is not { Length: > 0 })
            .Select(n => $"node {n.Node.Name}")
            .ToList();
        if (string.IsNullOrEmpty(plan.Session.Cluster.ServerAddress) && !await ResolvesHereAsync(alias, cancellationToken))
        {
            missing.Add(Errors.Place_ThisMachine_Part);
        }

        if (missing.Count > 0)
        {
            throw AliasErrors.NotResolved(alias, missing);
        }

        foreach (var node in plan.Nodes)
        {
            var present = node.Resolves.GetValueOrDefault(plan.PresentServer.Host) ?? [];
            if (present.Length > 0 && !present.Intersect(node.Resolves[alias]).Any())
            {
                plan.Session.Context.Sink.Warning(
                    $"On node {node.Node.Name} '{alias}' is {string.Join(", ", node.Resolves[alias])}, and "
                        + $"'{plan.PresentServer.Host}' is {string.Join(", ", present)}: check that both lead to this cluster's front end."
                );
            }
        }
    }

    private static async Task<bool> ResolvesHereAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            return (await Dns.GetHostAddressesAsync(name, cancellationToken)).Length > 0;
        }
        catch (SocketException)
        {
            // The name is not known: that is the answer.
            return false;
        }
    }

    private static async Task<string?> LocalAsync(AliasPlan plan, CancellationToken cancellationToken)
    {
        var path = plan.Session.Cluster.Kubeconfig;
        var text = await File.ReadAllTextAsync(path, cancellationToken);
        var changed = KubeconfigText.WithServer(path, text, plan.PresentServer, plan.Server);
        return changed == text ? null : changed;
    }
}
