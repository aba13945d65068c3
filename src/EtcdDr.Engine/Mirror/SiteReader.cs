using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using EtcdDr.Engine.Clusters;
using EtcdDr.Engine.ControlPlane.Manifests;
using EtcdDr.Engine.Etcd;
using EtcdDr.Engine.Kube;
using EtcdDr.Engine.Kube.Inventory;
using EtcdDr.Engine.Nodes;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.Mirror;

/// <summary>
/// Gathers the facts of a live cluster from its API and, beside that, from its nodes, all of them at once, each in few round trips. What
/// does not answer is a fact too.
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
    private static readonly KubeApiSettings Quick = new()
    {
        Attempts = 2,
        ConnectTimeout = TimeSpan.FromSeconds(5),
        RequestTimeout = TimeSpan.FromSeconds(15),
    };

    private static readonly (string Name, string Path)[] OfBoth =
    [
        ("nodes", "/api/v1/nodes"),
        ("storageclasses.storage.k8s.io", "/apis/storage.k8s.io/v1/storageclasses"),
        ("csidrivers.storage.k8s.io", "/apis/storage.k8s.io/v1/csidrivers"),
        ("priorityclasses.scheduling.k8s.io", "/apis/scheduling.k8s.io/v1/priorityclasses"),
        ("runtimeclasses.node.k8s.io", "/apis/node.k8s.io/v1/runtimeclasses"),
        ("ingressclasses.networking.k8s.io", "/apis/networking.k8s.io/v1/ingressclasses"),
        ("persistentvolumes", "/api/v1/persistentvolumes"),
    ];

    private static readonly (string Name, string Path)[] OfPrimary =
    [
        ("pods", "/api/v1/pods"),
        ("services", "/api/v1/services"),
        ("leases.coordination.k8s.io", "/apis/coordination.k8s.io/v1/leases"),
        ("endpoints", "/api/v1/namespaces/default/endpoints"),
        ("persistentvolumeclaims", "/api/v1/persistentvolumeclaims"),
        (
            "validatingwebhookconfigurations.admissionregistration.k8s.io",
            "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations"
        ),
        (
            "mutatingwebhookconfigurations.admissionregistration.k8s.io",
            "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations"
        ),
    ];

    /// <summary>Marks the nodes that are given up, which are not asked for anything; all are asked where it is left out.</summary>
    public Func<IReadOnlyList<SiteNode>, IReadOnlyList<SiteNode>> Choose { get; init; } = nodes => nodes;

    private EtcdCluster Cluster => session.Cluster;

    /// <summary>Asks the API. One that is away leaves the profile's nodes, if it names any.</summary>
    /// <exception cref="EtcdDrException">The kubeconfig cannot be used.</exception>
    public async Task<SiteFacts> ReadApiAsync(CancellationToken cancellationToken)
    {
        Show(Cluster.Name, "Asking the API");
        var addresses = AddressesAsync(cancellationToken);
        var site = new SiteFacts
        {
            Name = Cluster.Name,
            IsLive = true,
            ReadAt = session.Context.Time.GetUtcNow().UtcDateTime,
            Nodes = Choose(Listed(ClusterNodes.OfProfile(Cluster) ?? Cluster.Nodes)),
            Server = Cluster.Server,
            ServerAddress = Cluster.ServerAddress,
            UploadTool = Cluster.Etcd.UploadTool,
        };
        try
        {
            site = await AskApiAsync(site, cancellationToken);
        }
        catch (EtcdDrException e) when (e.ErrorId.StartsWith("KubeApi", StringComparison.Ordinal))
        {
            site = site with { ApiFailure = e };
        }
        finally
        {
            Show(Cluster.Name, "The API was asked", completed: true);
        }

        return site with
        {
            EndpointAddresses = await addresses,
        };
    }

    /// <summary>Asks the nodes, and etcd through them. Where the profile names them, they are not kept waiting for the API.</summary>
    /// <param name="api">What the API says.</param>
    /// <param name="servers">Further hosts and ports that nodes are to connect to.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<SiteFacts> ReadNodesAsync(
        Task<SiteFacts> api,
        Task<IReadOnlyList<string>> servers,
        CancellationToken cancellationToken
    )
    {
        var listed = ClusterNodes.OfProfile(Cluster) is { } profile ? Choose(Listed(profile)) : (await api).Nodes;
        var read = new (SiteNode Node, EtcdNode? Member)[listed.Count];
        var options = new ParallelOptions { MaxDegreeOfParallelism = session.Context.ThrottleLimit, CancellationToken = cancellationToken };
        await Parallel.ForAsync(0, read.Length, options, async (i, token) => read[i] = await ReadNodeAsync(listed[i], api, servers, token));

        var site = await api;
        var members = EtcdStatusOperation.Describe(Cluster, [.. read.Select(r => r.Member).OfType<EtcdNode>()]);
        var known = read.Select(r => r.Node.Facts).FirstOrDefault(r => r is not null);
        var facts = ClusterFacts.From(null, null, known?.Manifests);
        return site with
        {
            Nodes = [.. read.Select(r => r.Node)],
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

    private void Show(string part, string step, bool completed = false) =>
        session.Context.Sink.Progress(new ProgressUpdate(activity, part, step) { Completed = completed });

    private static IReadOnlyList<SiteNode> Listed(IEnumerable<ClusterNode> nodes) =>
        [.. nodes.Select(n => new SiteNode(n.Name, n.Role, n.Address))];

    // With a dead API the image says what runs, or would run.
    private static string? ImageVersion(NodeFacts? facts) =>
        facts?.Manifests.ApiServer?.Image is { } image && EtcdVersions.OfImage(image) is { } version ? $"v{version}" : null;

    // Lists are patient with an API that is slow. Whether it is there at all is asked beside them, and is known in seconds.
    private async Task<SiteFacts> AskApiAsync(SiteFacts site, CancellationToken cancellationToken)
    {
        var api = await session.ApiAsync(cancellationToken);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var reading = ReadObjectsAsync(site, api, stop.Token);
        try
        {
            await using var probe = api.Another(null, Quick);
            await probe.GetTextAsync("/readyz", cancellationToken);
        }
        catch
        {
            await stop.CancelAsync();
            await ((Task)reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }

        return await reading;
    }

    private async Task<SiteFacts> ReadObjectsAsync(SiteFacts site, KubeApi api, CancellationToken cancellationToken)
    {
        var asking = ClusterFacts.ReadAsync(api, null, cancellationToken);
        var listing = Task.WhenAll(
            (isPrimary ? OfBoth.Concat(OfPrimary) : OfBoth).Select(r => ListAsync(api, r.Name, r.Path, cancellationToken))
        );
        await Task.WhenAll(asking, listing);
        var facts = await asking;
        var objects = (await listing).Where(o => o.Items is not null).ToDictionary(o => o.Name, o => o.Items!, StringComparer.Ordinal);
        return site with
        {
            Nodes = Choose(Listed(await NodesAsync(api, objects.GetValueOrDefault("nodes"), cancellationToken))),
            Objects = objects,
            ControlPlaneEndpoint = facts.Endpoint,
            KubernetesVersion = facts.KubernetesVersion,
            PodCidr = facts.PodCidr,
            ServiceCidr = facts.ServiceCidr,
        };
    }

    // Without the profile's word and without the right to list nodes, the error that says so is the one of the list.
    private async Task<IReadOnlyList<ClusterNode>> NodesAsync(
        KubeApi api,
        IReadOnlyList<JsonObject>? listed,
        CancellationToken cancellationToken
    ) =>
        ClusterNodes.OfProfile(Cluster)
        ?? (listed is null ? await ClusterNodes.GetAsync(session, api, cancellationToken) : ClusterNodes.FromObjects(session, listed));

    private async Task<(string Name, IReadOnlyList<JsonObject>? Items)> ListAsync(
        KubeApi api,
        string name,
        string path,
        CancellationToken cancellationToken
    )
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

    private async Task<(SiteNode Node, EtcdNode? Member)> ReadNodeAsync(
        SiteNode node,
        Task<SiteFacts> api,
        Task<IReadOnlyList<string>> servers,
        CancellationToken cancellationToken
    )
    {
        if (node.Lost)
        {
            return (node, null);
        }

        var part = $"{Cluster.Name}: {node.Name}";
        Show(part, "Asking the node");
        try
        {
            var host = await session.HostAsync(Of(node), cancellationToken);
            return node.Role == NodeRole.ControlPlane
                ? await ReadControlPlaneAsync(host, node, api, servers, cancellationToken)
                : (node with { Probe = await ProbeAsync(host, node, null, api, servers, cancellationToken) }, null);
        }
        catch (EtcdDrException e)
        {
            return (node with { Failure = e }, node.Role == NodeRole.ControlPlane ? EtcdNode.Away(Of(node), e) : null);
        }
        finally
        {
            Show(part, "The node was asked", completed: true);
        }
    }

    // One run tells where things are; all that follows from it goes side by side.
    private async Task<(SiteNode Node, EtcdNode? Member)> ReadControlPlaneAsync(
        IRemoteHost host,
        SiteNode node,
        Task<SiteFacts> api,
        Task<IReadOnlyList<string>> servers,
        CancellationToken cancellationToken
    )
    {
        var reading = await NodeFactsReader.ReadOnceAsync(session, Of(node), cancellationToken);
        var measuring = NodeFactsReader.MeasureAsync(session, Of(node), reading, cancellationToken);
        var probing = ProbeAsync(host, node, reading.Manifests, api, servers, cancellationToken);
        var apiServer = AskApiServerAsync(host, reading.Manifests.ApiServer, cancellationToken);
        var opening = AskMemberAsync(node, reading.InPlace, cancellationToken);
        await Task.WhenAll(measuring, probing, apiServer, opening);

        var restore = await measuring;
        var read = node with
        {
            Probe = await probing,
            Facts = restore,
            Etcd = restore.Etcd,
            ApiServer = restore.Manifests.ApiServer,
            ApiServerAsked = true,
            ApiServerFailure = await apiServer,
        };
        return (read, await opening);
    }

    // What it said stays when its connection is closed.
    private async Task<EtcdNode> AskMemberAsync(SiteNode node, NodeManifests manifests, CancellationToken cancellationToken)
    {
        var member = await EtcdNode.OpenAsync(session, Of(node), cancellationToken, manifests);
        await member.DisposeAsync();
        return member;
    }

    private async Task<NodeProbe> ProbeAsync(
        IRemoteHost host,
        SiteNode node,
        NodeManifests? manifests,
        Task<SiteFacts> api,
        Task<IReadOnlyList<string>> servers,
        CancellationToken cancellationToken
    )
    {
        var words = Words(await api, node, await servers, manifests);
        var started = session.Context.Time.GetUtcNow();
        var result = await host.RunAsync(NodeCommands.Surroundings.With(words), cancellationToken);
        return NodeProbe.Parse(result.Text, started, session.Context.Time.GetUtcNow());
    }

    private static string[] Words(SiteFacts site, SiteNode node, IReadOnlyList<string> servers, NodeManifests? manifests)
    {
        var words = new List<string> { manifests is null ? "" : manifests.ApiServer?.TlsCertFile ?? UsualCertificate };
        words.AddRange(NamesFor(site, node).Select(n => $"name={n}"));
        if (site.Server is { HostNameType: UriHostNameType.Dns } server)
        {
            words.Add($"name={server.Host}");
            words.Add($"reach={server.Host}:{server.Port}");
            words.Add($"serves={server.Host}:{server.Port}");
        }

        if (manifests?.Etcd is { } etcd)
        {
            words.AddRange(site.ControlPlane.Where(n => n.Name != node.Name && !n.Lost).Select(n => $"reach={PeerOf(n, etcd.PeerPort)}"));
        }

        return [.. words, .. servers.Select(s => $"reach={s}")];
    }

    // The control plane, the node itself and the workers that follow it, so that the nodes together ask for all.
    private static IEnumerable<string> NamesFor(SiteFacts site, SiteNode node)
    {
        var workers = site.Nodes.Where(n => n.Role == NodeRole.Worker).Select(n => n.Name).ToList();
        var own = Math.Max(0, workers.IndexOf(node.Name));
        return site
            .ControlPlane.Where(n => !n.Lost)
            .Select(n => n.Name)
            .Concat(workers.Skip(own).Concat(workers.Take(own)).Take(WorkersToResolve));
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
            await using var api = (await session.ApiAsync(cancellationToken)).Another(new DnsEndPoint("127.0.0.1", forward.Port), Quick);
            await api.GetTextAsync("/readyz", cancellationToken);
            return null;
        }
        catch (EtcdDrException e) when (e.ErrorId is "KubeApiUnauthorized" or "KubeApiForbidden")
        {
            // It serves; it only does not know these credentials.
            return null;
        }
        catch (EtcdDrException e)
        {
            return e.Message;
        }
    }
}
