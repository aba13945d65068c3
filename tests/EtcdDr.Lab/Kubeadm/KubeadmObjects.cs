using System.Text.Json.Nodes;

namespace EtcdDr.Lab.Kubeadm;

/// <summary>What <c>kubeadm init</c> writes to the API once it answers: its configuration, cluster-info, marks of the control plane,
/// kube-proxy and CoreDNS.</summary>
internal sealed class KubeadmObjects
{
    /// <summary>The group of admin.conf, and the binding's name.</summary>
    public const string Administrators = "kubeadm:cluster-admins";

    private readonly ClusterLayout _cluster;
    private readonly string _ca;

    public KubeadmObjects(ClusterLayout cluster, string caPem)
    {
        _cluster = cluster;
        _ca = caPem;
    }

    public async Task CreateAsync(LabApi api, CancellationToken cancellationToken)
    {
        foreach (var name in new[] { "default", "kube-system", "kube-public", "kube-node-lease" })
        {
            await api.CreateAsync("/api/v1/namespaces", Item("v1", "Namespace", null, name), cancellationToken);
        }

        await api.CreateAsync("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", AdministratorsBinding(), cancellationToken);
        await CreateConfigMapAsync(api, "kube-system", "kubeadm-config", "ClusterConfiguration", ClusterConfiguration(), cancellationToken);
        await CreateKubeProxyMapAsync(api, cancellationToken);
        await CreateConfigMapAsync(
            api,
            "kube-system",
            "coredns",
            "Corefile",
            ".:53 {\n    errors\n    health\n    ready\n    kubernetes cluster.local in-addr.arpa ip6.arpa\n}\n",
            cancellationToken
        );
        await CreateConfigMapAsync(api, "kube-public", "cluster-info", "kubeconfig", ClusterInfo(), cancellationToken);
        await MarkControlPlaneAsync(api, cancellationToken);
        await api.CreateAsync("/apis/apps/v1/namespaces/kube-system/daemonsets", KubeProxy(), cancellationToken);
        await api.CreateAsync("/apis/apps/v1/namespaces/kube-system/deployments", CoreDns(), cancellationToken);
        await api.CreateAsync("/api/v1/namespaces/kube-system/services", KubeDns(), cancellationToken);
    }

    /// <summary>What makes admin.conf worth something: who has it is in this group, and no more.</summary>
    public static JsonObject AdministratorsBinding()
    {
        var binding = Item("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", null, Administrators);
        binding["roleRef"] = new JsonObject
        {
            ["apiGroup"] = "rbac.authorization.k8s.io",
            ["kind"] = "ClusterRole",
            ["name"] = "cluster-admin",
        };
        binding["subjects"] = new JsonArray(
            new JsonObject
            {
                ["apiGroup"] = "rbac.authorization.k8s.io",
                ["kind"] = "Group",
                ["name"] = Administrators,
            }
        );
        return binding;
    }

    private Task CreateKubeProxyMapAsync(LabApi api, CancellationToken cancellationToken)
    {
        var map = Item("v1", "ConfigMap", "kube-system", "kube-proxy");
        map["data"] = new JsonObject
        {
            ["config.conf"] = "apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\n",
            ["kubeconfig.conf"] = KubeProxyKubeconfig(),
        };
        return api.CreateAsync("/api/v1/namespaces/kube-system/configmaps", map, cancellationToken);
    }

    private static Task CreateConfigMapAsync(
        LabApi api,
        string ns,
        string name,
        string key,
        string value,
        CancellationToken cancellationToken
    )
    {
        var map = Item("v1", "ConfigMap", ns, name);
        map["data"] = new JsonObject { [key] = value };
        return api.CreateAsync($"/api/v1/namespaces/{ns}/configmaps", map, cancellationToken);
    }

    /// <summary>Waits for every node to register itself, then labels the control plane and taints it, as kubeadm does.</summary>
    private async Task MarkControlPlaneAsync(LabApi api, CancellationToken cancellationToken)
    {
        foreach (var (name, _) in _cluster.Nodes)
        {
            await api.WaitAsync(
                $"Node {name} of {_cluster.Site} registering itself",
                async one => await one.GetAsync($"/api/v1/nodes/{name}", cancellationToken) is not null,
                TimeSpan.FromMinutes(1),
                cancellationToken
            );
        }

        foreach (var (name, _) in _cluster.ControlPlanes)
        {
            var patch = new JsonObject
            {
                ["metadata"] = new JsonObject
                {
                    ["labels"] = new JsonObject
                    {
                        ["node-role.kubernetes.io/control-plane"] = string.Empty,
                        ["node.kubernetes.io/exclude-from-external-load-balancers"] = string.Empty,
                    },
                },
                ["spec"] = new JsonObject
                {
                    ["taints"] = new JsonArray(
                        new JsonObject { ["effect"] = "NoSchedule", ["key"] = "node-role.kubernetes.io/control-plane" }
                    ),
                },
            };
            await api.PatchAsync($"/api/v1/nodes/{name}", patch, cancellationToken);
        }
    }

    private string ClusterConfiguration() =>
        $"""
            apiServer: {"{}"}
            apiVersion: kubeadm.k8s.io/v1beta4
            caCertificateValidityPeriod: 87600h0m0s
            certificateValidityPeriod: 8760h0m0s
            certificatesDir: /etc/kubernetes/pki
            clusterName: kubernetes
            controlPlaneEndpoint: {_cluster.EndpointHost}:{_cluster.EndpointPort}
            controllerManager: {"{}"}
            dns: {"{}"}
            encryptionAlgorithm: ECDSA-P256
            etcd:
              local:
                dataDir: {_cluster.DataDirectory}
            imageRepository: registry.k8s.io
            kind: ClusterConfiguration
            kubernetesVersion: {_cluster.KubernetesVersion}
            networking:
              dnsDomain: cluster.local
              podSubnet: {_cluster.PodCidr}
              serviceSubnet: {_cluster.ServiceCidr}
            proxy: {"{}"}
            scheduler: {"{}"}

            """;

    private string KubeProxyKubeconfig() =>
        $"""
            apiVersion: v1
            kind: Config
            clusters:
            - cluster:
                certificate-authority: /var/run/secrets/kubernetes.io/serviceaccount/ca.crt
                server: {_cluster.Endpoint}
              name: default
            contexts:
            - context:
                cluster: default
                namespace: default
                user: default
              name: default
            current-context: default
            users:
            - name: default
              user:
                tokenFile: /var/run/secrets/kubernetes.io/serviceaccount/token
            """;

    private string ClusterInfo() =>
        $"""
            apiVersion: v1
            clusters:
            - cluster:
                certificate-authority-data: {Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes(_ca))}
                server: {_cluster.Endpoint}
              name: ""
            contexts: null
            current-context: ""
            kind: Config
            users: null

            """;

    private JsonObject KubeProxy()
    {
        var template = Template("kube-proxy", $"registry.k8s.io/kube-proxy:{_cluster.KubernetesVersion}", hostNetwork: true);
        template["spec"]!["tolerations"] = new JsonArray(new JsonObject { ["operator"] = "Exists" });
        return Workload("DaemonSet", "kube-system", "kube-proxy", "k8s-app", template, replicas: null);
    }

    private static JsonObject CoreDns()
    {
        var template = Template("kube-dns", "registry.k8s.io/coredns/coredns:v1.13.1", hostNetwork: false);
        template["spec"]!["tolerations"] = new JsonArray(
            new JsonObject { ["key"] = "CriticalAddonsOnly", ["operator"] = "Exists" },
            new JsonObject { ["key"] = "node-role.kubernetes.io/control-plane", ["effect"] = "NoSchedule" }
        );
        return Workload("Deployment", "kube-system", "coredns", "k8s-app", template, replicas: 2);
    }

    private static JsonObject KubeDns()
    {
        var service = Item("v1", "Service", "kube-system", "kube-dns");
        service["spec"] = new JsonObject
        {
            ["clusterIP"] = "10.96.0.10",
            ["selector"] = new JsonObject { ["k8s-app"] = "kube-dns" },
            ["ports"] = new JsonArray(
                new JsonObject
                {
                    ["name"] = "dns",
                    ["port"] = 53,
                    ["protocol"] = "UDP",
                    ["targetPort"] = 53,
                }
            ),
        };
        return service;
    }

    private static JsonObject Workload(string kind, string ns, string name, string labelKey, JsonObject template, int? replicas)
    {
        var workload = Item("apps/v1", kind, ns, name);
        var label = template["metadata"]!["labels"]![labelKey]!.GetValue<string>();
        var spec = new JsonObject
        {
            ["selector"] = new JsonObject { ["matchLabels"] = new JsonObject { [labelKey] = label } },
            ["template"] = template,
        };
        if (replicas is { } count)
        {
            spec["replicas"] = count;
        }

        workload["spec"] = spec;
        return workload;
    }

    private static JsonObject Template(string label, string image, bool hostNetwork) =>
        new()
        {
            ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["k8s-app"] = label } },
            ["spec"] = new JsonObject
            {
                ["hostNetwork"] = hostNetwork,
                ["containers"] = new JsonArray(new JsonObject { ["name"] = label, ["image"] = image }),
            },
        };

    private static JsonObject Item(string apiVersion, string kind, string? ns, string name)
    {
        var metadata = new JsonObject { ["name"] = name };
        if (ns is not null)
        {
            metadata["namespace"] = ns;
        }

        return new JsonObject
        {
            ["apiVersion"] = apiVersion,
            ["kind"] = kind,
            ["metadata"] = metadata,
        };
    }
}
