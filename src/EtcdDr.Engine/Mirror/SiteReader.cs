using System.Text.Json.Nodes;
using EtcdDr.Engine.Clusters;
using EtcdDr.Engine.ControlPlane.Manifests;
using EtcdDr.Engine.Etcd;
using EtcdDr.Engine.Kube;
using EtcdDr.Engine.Kube.Inventory;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Restore;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.Mirror;

/// <summary>Gathers the facts of a live cluster: first from its API, then from its nodes, all of them at once. What does not answer is a fact too.</summary>
internal sealed class SiteReader(EtcdCluster cluster, OperationContext context, IRemoteHostFactory hosts, string activity) : IAsyncDisposable
{
    private const string UsualCertificate = "/etc/kubernetes/pki/apiserver.crt";

    private static readonly (string Name, string Path)[] Resources =
    [
        ("nodes", "/api/v1/nodes"),
        ("pods", "/api/v1/pods"),
        ("services", "/api/v1/services"),
        ("persistentvolumes", "/api/v1/persistentvolumes"),
        ("storageclasses.storage.k8s.io", "/apis/storage.k8s.io/v1/storageclasses"),
        ("csidrivers.storage.k8s.io", "/apis/storage.k8s.io/v1/csidrivers"),
        ("priorityclasses.scheduling.k8s.io", "/apis/scheduling.k8s.io/v1/priorityclasses"),
        ("runtimeclasses.node.k8s.io", "/apis/node.k8s.io/v1/runtimeclasses"),
        ("ingressclasses.networking.k8s.io", "/apis/networking.k8s.io/v1/ingressclasses"),
        ("validatingwebhookconfigurations.admissionregistration.k8s.io", "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations"),
        ("mutatingwebhookconfigurations.admissionregistration.k8s.io", "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations"),
    ];

    private readonly ClusterSession _session = new(cluster, context, hosts);
    private ClusterFacts _facts = new();

    /// <summary>Asks the API. One that is away leaves the profile's nodes, if it names any.</summary>
    public async Task<SiteFacts> ReadApiAsync(CancellationToken cancellationToken)
    {
        var site = new SiteFacts
        {
            Name = cluster.Name,
            Nodes = [.. cluster.Nodes.Select(n => new SiteNode(n.Name, n.Role, n.Address))],
            Server = cluster.Server,
            ServerAddress = cluster.ServerAddress,
        };
        Tell(cluster.Name, "Asking the API");
        await using var api = await KubeApi.ConnectAsync(cluster, cancellationToken);
        try
        {
            _facts = await ClusterFacts.ReadAsync(api, null, cancellationToken);
            var nodes = await ClusterNodes.GetAsync(_session, api, cancellationToken);
            var objects = await Task.WhenAll(Resources.Select(r => ListAsync(api, r.Name, r.Path, cancellationToken)));
            return site with
            {
                Nodes = [.. nodes.Select(n => new SiteNode(n.Name, n.Role, n.Address))],
                Objects = objects.Where(o => o.Items is not null).ToDictionary(o => o.Name, o => o.Items!, StringComparer.Ordinal),
                KubernetesVersion = _facts.KubernetesVersion,
                PodCidr = _facts.PodCidr,
                ServiceCidr = _facts.ServiceCidr,
            };
        }
        catch (EtcdDrException e) when (e.ErrorId.StartsWith("KubeApi", StringComparison.Ordinal))
        {
            return site with { ApiFailure = e };
        }
        finally
        {
            Tell(cluster.Name, "The API was asked", completed: true);
        }
    }

    /// <summary>Asks the nodes, and etcd through them.</summary>
    /// <param name="site">What the API said.</param>
    /// <param name="servers">Further hosts and ports that nodes are to connect to.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<SiteFacts> ReadNodesAsync(SiteFacts site, IReadOnlyList<string> servers, CancellationToken cancellationToken)
    {
        var nodes = new SiteNode[site.Nodes.Count];
        var options = new ParallelOptions { MaxDegreeOfParallelism = context.ThrottleLimit, CancellationToken = cancellationToken };
        var asking = Parallel.ForEachAsync(Enumerable.Range(0, nodes.Length), options, async (i, ct) => nodes[i] = await ReadNodeAsync(site, site.Nodes[i], servers, ct));
        var controlPlane = site.ControlPlane.Select(Of).ToList();
        var members = EtcdStatusOperation.RunAsync(_session, controlPlane, cancellationToken);
        await Task.WhenAll(asking, members);

        var known = Array.Find(nodes, n => n.Restore is not null)?.Restore;
        var facts = ClusterFacts.From(null, null, known?.Manifests);
        return site with
        {
            Nodes = nodes,
            Members = await members,
            EtcdVersion = (await members).Select(m => m.Version).FirstOrDefault(v => v is not null) ?? known?.EtcdVersion,
            DbSize = (await members).Select(m => m.DbSize).DefaultIfEmpty(0).Max(),
            PodCidr = site.PodCidr ?? facts.PodCidr,
            ServiceCidr = facts.ServiceCidr ?? site.ServiceCidr,
            ServiceAccountIssuer = facts.ServiceAccountIssuer,
            EncryptionAtRest = facts.EncryptionAtRest,
            Admission = known?.Manifests.ApiServer is { } api ? Admission(api) : null,
        };
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _session.DisposeAsync();

    private void Tell(string part, string step, bool completed = false) => context.Sink.Progress(new ProgressUpdate(activity, part, step) { Completed = completed });

    private static ClusterNode Of(SiteNode node) => new(node.Name, node.Role, node.Address ?? node.Name);

    private static string Admission(ApiServerConfiguration api) =>
        $"+{string.Join(',', api.EnabledAdmissionPlugins)} -{string.Join(',', api.DisabledAdmissionPlugins)} {string.Join(',', api.AuthorizationModes)}";

    private async Task<(string Name, IReadOnlyList<JsonObject>? Items)> ListAsync(KubeApi api, string name, string path, CancellationToken cancellationToken)
    {
        var items = new List<JsonObject>();
        try
        {
            await foreach (var item in api.ListAsync(path, cancellationToken: cancellationToken))
            {
                (item["metadata"] as JsonObject)?.Remove("managedFields");
                items.Add(item);
            }
        }
        catch (EtcdDrException e) when (e.ErrorId is "KubeApiForbidden" or "KubeApiNotFound")
        {
            context.Sink.Verbose($"{name} of cluster {cluster.Name} cannot be listed: {e.Message}");
            return (name, null);
        }

        return (name, items);
    }

    private async Task<SiteNode> ReadNodeAsync(SiteFacts site, SiteNode node, IReadOnlyList<string> servers, CancellationToken cancellationToken)
    {
        var controlPlane = node.Role == NodeRole.ControlPlane;
        var part = $"{cluster.Name}: {node.Name}";
        Tell(part, "Asking the node");
        try
        {
            var host = await _session.HostAsync(Of(node), cancellationToken);
            var restore = controlPlane ? await RestoreFactsReader.ReadAsync(_session, Of(node), cancellationToken) : null;
            var arguments = new List<string> { controlPlane ? restore?.Manifests.ApiServer?.TlsCertFile ?? UsualCertificate : "" };
            arguments.AddRange(site.Nodes.Select(n => $"name={n.Name}"));
            if (site.Server is { HostNameType: UriHostNameType.Dns } server)
            {
                arguments.Add($"name={server.Host}");
                arguments.Add($"reach={server.Authority}");
            }

            arguments.AddRange(servers.Concat(controlPlane ? Peers(site, node, restore) : []).Select(s => $"reach={s}"));
            var started = context.Time.GetUtcNow();
            var result = await host.RunAsync(MirrorCommands.NodeFacts.With([.. arguments]), cancellationToken);
            return node with { Probe = NodeProbe.Parse(result.Text, started, context.Time.GetUtcNow()), Restore = restore };
        }
        catch (EtcdDrException e)
        {
            return node with { Failure = e };
        }
        finally
        {
            Tell(part, "The node was asked", completed: true);
        }
    }

    private static IEnumerable<string> Peers(SiteFacts site, SiteNode node, NodeFacts? restore) =>
        site.ControlPlane.Where(n => n.Name != node.Name).Select(n => $"{n.Address ?? n.Name}:{restore?.Etcd.PeerPort ?? 2380}");
}
