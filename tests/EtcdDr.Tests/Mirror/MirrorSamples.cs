using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using EtcdDr.Engine.ControlPlane.Manifests;
using EtcdDr.Engine.Etcd.Programs;
using EtcdDr.Engine.Mirror;
using EtcdDr.Engine.Nodes;

namespace EtcdDr.Tests.Mirror;

/// <summary>Made-up facts of a site with two control-plane nodes and two workers, and ways to change them.</summary>
internal static class MirrorSamples
{
    private const string Endpoint = "lb.example.com";

    private const string EtcdManifest = """
        kind: Pod
        metadata: {name: etcd, namespace: kube-system}
        spec:
          containers:
          - name: etcd
            image: registry.k8s.io/etcd:3.6.5-0
            command:
            - etcd
            - --name=NODE
            - --data-dir=/var/lib/etcd
            - --advertise-client-urls=https://ADDRESS:2379
            - --listen-client-urls=https://127.0.0.1:2379
            - --initial-advertise-peer-urls=https://ADDRESS:2380
            - --listen-peer-urls=https://ADDRESS:2380
            volumeMounts:
            - {mountPath: /var/lib/etcd, name: etcd-data}
          volumes:
          - {hostPath: {path: /var/lib/etcd}, name: etcd-data}

        """;

    private const string ApiServerManifest = """
        kind: Pod
        metadata: {name: kube-apiserver, namespace: kube-system}
        spec:
          containers:
          - name: kube-apiserver
            image: registry.k8s.io/kube-apiserver:v1.36.1
            command:
            - kube-apiserver
            - --etcd-servers=https://127.0.0.1:2379
            - --allow-privileged=true
            - --enable-admission-plugins=NodeRestriction
            - --authorization-mode=Node,RBAC
            - --service-cluster-ip-range=10.96.0.0/12
            - --service-account-issuer=https://kubernetes.default.svc
            volumeMounts:
            - {mountPath: /etc/kubernetes, name: k8s}
          volumes:
          - {hostPath: {path: /etc/kubernetes}, name: k8s}

        """;

    public static SiteFacts Site(string network)
    {
        (string Name, NodeRole Role)[] nodes =
        [
            ("cp1", NodeRole.ControlPlane),
            ("cp2", NodeRole.ControlPlane),
            ("w1", NodeRole.Worker),
            ("w2", NodeRole.Worker),
        ];
        var names = nodes
            .Select((n, i) => (n.Name, Address: $"{network}{i + 1}"))
            .Append((Name: Endpoint, Address: $"{network}100"))
            .ToDictionary(n => n.Name, n => (IReadOnlyList<string>)[n.Address]);
        return new SiteFacts
        {
            Name = network,
            Server = new Uri($"https://{Endpoint}:6443"),
            ControlPlaneEndpoint = $"{Endpoint}:6443",
            KubernetesVersion = "v1.36.1",
            PodCidr = "10.244.0.0/16",
            ServiceCidr = "10.96.0.0/12",
            ServiceAccountIssuer = "https://kubernetes.default.svc",
            EncryptionAtRest = false,
            EtcdVersion = "3.6.5",
            DbSize = 100_000_000,
            Nodes =
            [
                .. nodes.Select(
                    (n, i) =>
                        WithFacts(new SiteNode(n.Name, n.Role, $"{network}{i + 1}") { Probe = Answer($"{network}{i + 1}", n.Role, names) })
                ),
            ],
            Members =
            [
                .. nodes[..2]
                    .Select(n => new EtcdMemberStatus
                    {
                        Cluster = network,
                        Node = n.Name,
                        Endpoint = "",
                        Healthy = true,
                        Version = "3.6.5",
                    }),
            ],
            Objects = new Dictionary<string, IReadOnlyList<JsonObject>>
            {
                ["nodes"] = [.. nodes.Select(n => Node(n.Name, n.Role))],
                ["pods"] =
                [
                    Of(
                        """
                        {"metadata": {"namespace": "a", "name": "p"}, "spec": {"nodeName": "w1",
                          "nodeSelector": {"disk": "ssd"}, "containers": [{"image": "busybox:1.36",
                          "resources": {"requests": {"cpu": "500m", "memory": "3Gi"}}}]}}
                        """
                    ),
                ],
                ["services"] = [],
                ["persistentvolumes"] =
                [
                    Of("""{"metadata": {"name": "v"}, "spec": {"nfs": {"server": "nfs.example.com", "path": "/x"}}}"""),
                ],
                ["persistentvolumeclaims"] =
                [
                    Of("""{"metadata": {"namespace": "a", "name": "c"}, "spec": {"storageClassName": "fast"}}"""),
                ],
                ["storageclasses.storage.k8s.io"] = [Of("""{"metadata": {"name": "fast"}}""")],
                ["csidrivers.storage.k8s.io"] = [],
                ["priorityclasses.scheduling.k8s.io"] = [],
                ["runtimeclasses.node.k8s.io"] = [],
                ["ingressclasses.networking.k8s.io"] = [],
                ["validatingwebhookconfigurations.admissionregistration.k8s.io"] = [],
                ["mutatingwebhookconfigurations.admissionregistration.k8s.io"] = [],
            },
        };
    }

    /// <summary>A node as the API has it.</summary>
    public static JsonObject Node(
        string name,
        NodeRole role,
        string memory = "4Gi",
        string disk = "ssd",
        string kubelet = "v1.36.1",
        string runtime = "containerd://2.1.4"
    )
    {
        var node = Of(
            $$$"""
            {"metadata": {"name": "{{{name}}}", "labels": {"disk": "{{{disk}}}"}},
             "status": {"allocatable": {"cpu": "4", "memory": "{{{memory}}}", "pods": "110"},
                        "nodeInfo": {"kubeletVersion": "{{{kubelet}}}", "containerRuntimeVersion": "{{{runtime}}}", "osImage": "Debian"} } }
            """
        );
        if (role == NodeRole.ControlPlane)
        {
            node["metadata"]!["labels"]!["node-role.kubernetes.io/control-plane"] = "";
        }

        return node;
    }

    public static JsonObject Of(string json) => (JsonObject)JsonNode.Parse(json)!;

    /// <summary>With other objects of a resource.</summary>
    public static SiteFacts WithObjects(SiteFacts site, string resource, IEnumerable<JsonObject> objects) =>
        site with
        {
            Objects = new Dictionary<string, IReadOnlyList<JsonObject>>(site.Objects) { [resource] = [.. objects] },
        };

    /// <summary>Without a node.</summary>
    public static SiteFacts Without(SiteFacts site, string node) =>
        WithObjects(
            site with
            {
                Nodes = [.. site.Nodes.Where(n => n.Name != node)],
            },
            "nodes",
            site.Of("nodes")!.Where(n => SiteFacts.NameOf(n) != node)
        );

    /// <summary>With another answer of a node's probe.</summary>
    public static SiteFacts Probe(SiteFacts site, string node, Func<NodeProbe, NodeProbe> change) =>
        site with
        {
            Nodes = [.. site.Nodes.Select(n => n.Name == node ? n with { Probe = change(n.Probe!) } : n)],
        };

    /// <summary>With other facts of one control-plane node, or of all.</summary>
    public static SiteFacts Facts(SiteFacts site, string? node, Func<NodeFacts, NodeFacts> change) =>
        site with
        {
            Nodes =
            [
                .. site.Nodes.Select(n => n.Facts is not null && (node is null || n.Name == node) ? n with { Facts = change(n.Facts) } : n),
            ],
        };

    /// <summary>With a text of the apiserver's manifest replaced, on one control-plane node or on all.</summary>
    public static SiteFacts ApiServer(SiteFacts site, string text, string by, string? node = null) =>
        site with
        {
            Nodes =
            [
                .. site.Nodes.Select(n =>
                    node is null || n.Name == node ? WithFacts(n, apiServer: m => m.Replace(text, by, StringComparison.Ordinal)) : n
                ),
            ],
        };

    /// <summary>With another etcd manifest on all control-plane nodes.</summary>
    public static SiteFacts WithEtcd(SiteFacts site, Func<string, string> change) =>
        site with
        {
            Nodes = [.. site.Nodes.Select(n => WithFacts(n, etcd: change))],
        };

    /// <summary>As a snapshot that holds no manifests tells of its cluster.</summary>
    public static SiteFacts Settings(SiteFacts site, Func<SiteFacts, SiteFacts> change) =>
        change(site with { Nodes = [.. site.Nodes.Select(n => new SiteNode(n.Name, n.Role, n.Address))] });

    /// <summary>A measured fact replaced.</summary>
    public static Dictionary<string, string> Measured(NodeFacts facts, string name, string value) => new(facts.Probe) { [name] = value };

    /// <summary>With a node that could not be read.</summary>
    public static SiteFacts Away(SiteFacts site, string node, string errorId) =>
        site with
        {
            Nodes =
            [
                .. site.Nodes.Select(n =>
                    n.Name == node
                        ? new SiteNode(n.Name, n.Role, n.Address)
                        {
                            Failure = new EtcdDrException(errorId, EtcdDrErrorCategory.ConnectionError, "It is so.", "Mend it."),
                        }
                        : n
                ),
            ],
            Members = [.. site.Members.Select(m => m.Node == node ? m with { Healthy = false, Errors = ["it is so"] } : m)],
        };

    /// <summary>Why an API does not answer.</summary>
    public static EtcdDrException Away() => new("KubeApiUnreachable", EtcdDrErrorCategory.ConnectionError, "It is away.", "Start it.");

    /// <summary>Names with another answer for one of them.</summary>
    public static Dictionary<string, IReadOnlyList<string>> With(
        IReadOnlyDictionary<string, IReadOnlyList<string>> names,
        string name,
        params string[] addresses
    ) => new(names) { [name] = addresses };

    /// <summary>A serving certificate for a host name.</summary>
    public static X509Certificate2 Certificate(string host)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=kube-apiserver", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    private static NodeProbe Answer(string address, NodeRole role, Dictionary<string, IReadOnlyList<string>> names) =>
        new()
        {
            NameServices = ["files", "dns"],
            Addresses = new HashSet<string> { address },
            Names = names,
            Reach = new Dictionary<string, Reach> { [$"{Endpoint}:6443"] = Reach.Connects, ["nfs.example.com:2049"] = Reach.Connects },
            ServesOwnCluster = new Dictionary<string, bool?> { [$"{Endpoint}:6443"] = true },
            Images = new HashSet<string> { "docker.io/library/busybox:1.36", "docker.io/library/nginx:latest" },
            Kubeadm = "v1.36.1",
            ClockAtLeast = -0.1,
            ClockAtMost = 0.2,
            ApiServerCertificate = role == NodeRole.ControlPlane ? Certificate(Endpoint) : null,
        };

    private static SiteNode WithFacts(SiteNode node, Func<string, string>? etcd = null, Func<string, string>? apiServer = null)
    {
        if (node.Role != NodeRole.ControlPlane)
        {
            return node;
        }

        var manifests = NodeManifests.Parse(
            node.Name,
            "/etc/kubernetes/manifests",
            new Dictionary<string, string>
            {
                ["etcd.yaml"] = Change(
                    EtcdManifest
                        .Replace("NODE", node.Name, StringComparison.Ordinal)
                        .Replace("ADDRESS", node.Address, StringComparison.Ordinal),
                    etcd
                ),
                ["kube-apiserver.yaml"] = Change(ApiServerManifest, apiServer),
            }
        );
        return node with
        {
            Etcd = manifests.Etcd,
            ApiServer = manifests.ApiServer,
            ApiServerAsked = true,
            Facts = new NodeFacts
            {
                Node = new ClusterNode(node.Name, node.Role, node.Address!),
                Manifests = manifests,
                Etcd = manifests.RequireEtcd(),
                Programs = Programs("3.6.5"),
                Journals = [],
                Probe = new Dictionary<string, string>
                {
                    ["data-free"] = "100000000000",
                    ["config-free"] = "100000000000",
                    ["kubelet"] = "active",
                    ["crictl"] = "yes",
                    ["flock"] = "yes",
                },
            },
        };
    }

    internal static NodePrograms Programs(string version) =>
        new() { Programs = [new EtcdProgram("etcdutl", new ProgramSource("file:/usr/local/bin/etcdutl"), version)], EtcdVersion = version };

    internal static NodePrograms NoTools => new() { EtcdVersion = "3.6.5" };

    private static string Change(string manifest, Func<string, string>? change) => change is null ? manifest : change(manifest);
}
