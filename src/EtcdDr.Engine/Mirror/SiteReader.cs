using System.Net;
using System.Net.Sockets;
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

/// <summary>
/// Gathers the facts of a live cluster: first from its API, then from its nodes, all of them at once. What does not answer is a fact too.
/// </summary>
/// <param name="session">The cluster's session; it stays open.</param>
/// <param name="isPrimary">Whether its workloads are wanted too: what runs on a secondary will be replaced and is not asked for.</param>
/// <param name="activity">The operation, as its progress calls it.</param>
internal sealed class SiteReader(ClusterSession session, bool isPrimary, string activity)
{
    private const string UsualCertificate = "/etc/kubernetes/pki/apiserver.crt";

    // With thousands of nodes, asking each for all names would be quadratic, and longer than a command line may be.
    private const int WorkersToResolve = 200;

    private static readonly TimeSpan DnsLimit = TimeSpan.FromSeconds(5);

    // A dead front end is found out in seconds; whether it answers is what is asked here.
    private static readonly KubeApiSettings Quick = new() { Attempts = 2, ConnectTimeout = TimeSpan.FromSeconds(5), RequestTimeout = TimeSpan.FromSeconds(15) };

    private static readonly (string Name, string Path)[] OfBoth =
    [
        ("nodes", "/api/v1/nodes"),
        ("storageclasses.storage.k8s.io", "/apis/storage.k8s.io/v1/storageclasses"),
        ("csidrivers.storage.k8s.io", "/apis/storage.k8s.io/v1/csidrivers"),
        ("priorityclasses.scheduling.k8s.io", "/apis/scheduling.k8s.io/v1/priorityclasses"),
        ("runtimeclasses.node.k8s.io", "/apis/node.k8s.io/v1/runtimeclasses"),
        ("ingressclasses.networking.k8s.io", "/apis/networking.k8s.io/v1/ingressclasses"),
    ];

    private static readonly (string Name, string Path)[] OfPrimary =
    [
        ("pods", "/api/v1/pods"),
        ("services", "/api/v1/services"),
        ("persistentvolumes", "/api/v1/persistentvolumes"),
        ("persistentvolumeclaims", "/api/v1/persistentvolumeclaims"),
        ("validatingwebhookconfigurations.admissionregistration.k8s.io", "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations"),
        ("mutatingwebhookconfigurations.admissionregistration.k8s.io", "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations"),
    ];

    private EtcdCluster Cluster => session.Cluster;

    /// <summary>Asks the API. One that is away leaves the profile's nodes, if it names any.</summary>
    /// <exception cref="EtcdDrException">The kubeconfig cannot be used.</exception>
    public async Task<SiteFacts> ReadApiAsync(CancellationToken cancellationToken)
    {
        var site = new SiteFacts
        {
            Name = Cluster.Name,
            Nodes = Listed(Cluster.Nodes),
            Server = Cluster.Server,
            ServerAddress = Cluster.ServerAddress,
            EndpointAddresses = await AddressesAsync(cancellationToken),
            UploadTool = Cluster.Etcd.UploadTool,
        };
        Tell(Cluster.Name, "Asking the API");
        try
        {
            await using (var probe = await KubeApi.ConnectAsync(Cluster, cancellationToken, settings: Quick))
            {
                await probe.GetTextAsync("/readyz", cancellationToken);
            }

            return await ReadObjectsAsync(site, cancellationToken);
        }
        catch (EtcdDrException e) when (e.ErrorId.StartsWith("KubeApi", StringComparison.Ordinal))
        {
            return site with { ApiFailure = e };
        }
        finally
        {
            Tell(Cluster.Name, "The API was asked", completed: true);
        }
    }

    /// <summary>Asks the nodes, and etcd through them.</summary>
    /// <param name="site">What the API said.</param>
    /// <param name="servers">Further hosts and ports that nodes are to connect to.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<SiteFacts> ReadNodesAsync(SiteFacts site, IReadOnlyList<string> servers, CancellationToken cancellationToken)
    {
        var nodes = new SiteNode[site.Nodes.Count];
        var options = new ParallelOptions { MaxDegreeOfParallelism = session.Context.ThrottleLimit, CancellationToken = cancellationToken };
        var asking = Parallel.ForEachAsync(Enumerable.Range(0, nodes.Length), options, async (i, ct) => nodes[i] = await ReadNodeAsync(site, site.Nodes[i], servers, ct));
        var asked = EtcdStatusOperation.RunAsync(session, site.ControlPlane.Select(Of).ToList(), cancellationToken);
        await Task.WhenAll(asking, asked);

        var members = await asked;
        var known = Array.Find(nodes, n => n.Restore is not null)?.Restore;
        var facts = ClusterFacts.From(null, null, known?.Manifests);
        return site with
        {
            Nodes = nodes,
            Members = members,
            KubernetesVersion = site.KubernetesVersion ?? ImageVersion(known),
            EtcdVersion = members.Select(m => m.Version).FirstOrDefault(v => v is not null) ?? known?.EtcdVersion,
            DbSize = members.Select(m => m.DbSize).DefaultIfEmpty(0).Max(),
            PodCidr = site.PodCidr ?? facts.PodCidr,
            ServiceCidr = facts.ServiceCidr ?? site.ServiceCidr,
            ServiceAccountIssuer = facts.ServiceAccountIssuer,
            EncryptionAtRest = facts.EncryptionAtRest,
        };
    }

    /// <summary>A node as sessions know it.</summary>
    public static ClusterNode Of(SiteNode node) => new(node.Name, node.Role, node.Address ?? node.Name);

    private void Tell(string part, string step, bool completed = false) => session.Context.Sink.Progress(new ProgressUpdate(activity, part, step) { Completed = completed });

    private static IReadOnlyList<SiteNode> Listed(IEnumerable<ClusterNode> nodes) => [.. nodes.Select(n => new SiteNode(n.Name, n.Role, n.Address))];

    // With a dead API the image says what runs, or would run.
    private static string? ImageVersion(NodeFacts? facts) =>
        facts?.Manifests.ApiServer?.Image is { } image && EtcdVersions.OfImage(image) is { } version ? $"v{version}" : null;

    private async Task<SiteFacts> ReadObjectsAsync(SiteFacts site, CancellationToken cancellationToken)
    {
        await using var api = await KubeApi.ConnectAsync(Cluster, cancellationToken);
        var reading = Task.WhenAll((isPrimary ? OfBoth.Concat(OfPrimary) : OfBoth).Select(r => ListAsync(api, r.Name, r.Path, cancellationToken)));
        var facts = await ClusterFacts.ReadAsync(api, null, cancellationToken);
        var nodes = await ClusterNodes.GetAsync(session, api, cancellationToken);
        return site with
        {
            Nodes = Listed(nodes),
            Objects = (await reading).Where(o => o.Items is not null).ToDictionary(o => o.Name, o => o.Items!, StringComparer.Ordinal),
            ControlPlaneEndpoint = facts.Endpoint,
            KubernetesVersion = facts.KubernetesVersion,
            PodCidr = facts.PodCidr,
            ServiceCidr = facts.ServiceCidr,
        };
    }

    private async Task<(string Name, IReadOnlyList<JsonObject>? Items)> ListAsync(KubeApi api, string name, string path, CancellationToken cancellationToken)
    {
        var items = new List<JsonObject>();
        try
        {
            await foreach (var item in api.ListAsync(path, cancellationToken: cancellationToken))
            {
                (item["metadata"] as JsonObject)?.Remove("managedFields");
                items.Add(name == "pods" ? PodNeeds.Of(item) : item);
            }
        }
        catch (EtcdDrException e) when (e.ErrorId is "KubeApiForbidden" or "KubeApiNotFound")
        {
            session.Context.Sink.Verbose($"{name} of cluster {Cluster.Name} cannot be listed: {e.Message}");
            return (name, null);
        }

        return (name, items);
    }

    // What this machine would dial; where the profile names an address nothing is looked up.
    private async Task<IReadOnlyList<string>> AddressesAsync(CancellationToken cancellationToken)
    {
        if (Cluster.ServerAddress is not null || Cluster.Server.HostNameType != UriHostNameType.Dns)
        {
            return [];
        }

        try
        {
            var found = await Dns.GetHostAddressesAsync(Cluster.Server.Host, cancellationToken).WaitAsync(DnsLimit, cancellationToken);
            return [.. found.Select(a => a.ToString())];
        }
        catch (Exception e) when (e is SocketException or TimeoutException)
        {
            session.Context.Sink.Verbose($"{Cluster.Server.Host} does not resolve on this machine: {e.Message}");
            return [];
        }
    }

    private async Task<SiteNode> ReadNodeAsync(SiteFacts site, SiteNode node, IReadOnlyList<string> servers, CancellationToken cancellationToken)
    {
        var part = $"{Cluster.Name}: {node.Name}";
        Tell(part, "Asking the node");
        try
        {
            var host = await session.HostAsync(Of(node), cancellationToken);
            if (node.Role != NodeRole.ControlPlane)
            {
                return node with { Probe = await ProbeAsync(host, Words(site, node, servers, null), cancellationToken) };
            }

            var restore = await RestoreFactsReader.ReadAsync(session, Of(node), cancellationToken);
            var probing = ProbeAsync(host, Words(site, node, servers, restore), cancellationToken);
            var failure = await AskApiServerAsync(host, restore.Manifests.ApiServer, cancellationToken);
            return node with
            {
                Probe = await probing,
                Restore = restore,
                Etcd = restore.Etcd,
                ApiServer = restore.Manifests.ApiServer,
                ApiServerAsked = true,
                ApiServerFailure = failure,
            };
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

    private async Task<NodeProbe> ProbeAsync(IRemoteHost host, string[] words, CancellationToken cancellationToken)
    {
        var started = session.Context.Time.GetUtcNow();
        var result = await host.RunAsync(MirrorCommands.NodeFacts.With(words), cancellationToken);
        return NodeProbe.Parse(result.Text, started, session.Context.Time.GetUtcNow());
    }

    private static string[] Words(SiteFacts site, SiteNode node, IReadOnlyList<string> servers, NodeFacts? restore)
    {
        var words = new List<string> { node.Role == NodeRole.ControlPlane ? restore?.Manifests.ApiServer?.TlsCertFile ?? UsualCertificate : "" };
        words.AddRange(NamesFor(site, node).Select(n => $"name={n}"));
        if (site.Server is { HostNameType: UriHostNameType.Dns } server)
        {
            words.Add($"name={server.Host}");
            words.Add($"reach={server.Host}:{server.Port}");
            words.Add($"serves={server.Host}:{server.Port}");
        }

        if (restore is not null)
        {
            words.AddRange(site.ControlPlane.Where(n => n.Name != node.Name).Select(n => $"reach={PeerOf(n, restore.Etcd.PeerPort)}"));
        }

        return [.. words, .. servers.Select(s => $"reach={s}")];
    }

    // The control plane, the node itself and the workers that follow it, so that the nodes together ask for all.
    private static IEnumerable<string> NamesFor(SiteFacts site, SiteNode node)
    {
        var workers = site.Nodes.Where(n => n.Role == NodeRole.Worker).Select(n => n.Name).ToList();
        var own = Math.Max(0, workers.IndexOf(node.Name));
        return site.ControlPlane.Select(n => n.Name).Concat(workers.Skip(own).Concat(workers.Take(own)).Take(WorkersToResolve));
    }

    // The other members' own manifests are being read at the same time; kubeadm gives all of them the same port.
    private static string PeerOf(SiteNode node, int port)
    {
        var address = node.Address ?? node.Name;
        return $"{(address.Contains(':', StringComparison.Ordinal) ? $"[{address}]" : address)}:{port}";
    }

    private async Task<string?> AskApiServerAsync(IRemoteHost host, ApiServerConfiguration? apiServer, CancellationToken cancellationToken)
    {
        try
        {
            await using var forward = await ApiServerWay.OpenAsync(host, apiServer, cancellationToken);
            await using var api = await KubeApi.ConnectAsync(Cluster, cancellationToken, new DnsEndPoint("127.0.0.1", forward.Port), Quick);
            await api.GetTextAsync("/readyz", cancellationToken);
            return null;
        }
        catch (EtcdDrException e)
        {
            return e.Message;
        }
    }
}
