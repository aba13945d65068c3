using System.Text;

namespace EtcdDr.Lab.Kubeadm;

/// <summary>What <c>kubeadm init</c> and <c>kubeadm join</c> leave on nodes: certificates, kubeconfigs, manifests, kubelet
/// configuration.</summary>
internal sealed class KubeadmFiles
{
    /// <summary>Where the administrator keeps the configuration of encryption at rest, as the Kubernetes documentation has it.</summary>
    public const string EncryptionFile = Kubernetes + "/enc/enc.yaml";

    private const string Kubernetes = "/etc/kubernetes";
    private const string Pki = Kubernetes + "/pki";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private readonly ClusterLayout _cluster;
    private readonly ClusterAuthorities _authorities;

    public KubeadmFiles(ClusterLayout cluster, ClusterAuthorities authorities)
    {
        _cluster = cluster;
        _authorities = authorities;
    }

    /// <summary>A cluster administrator's kubeconfig.</summary>
    public string AdminKubeconfig() =>
        Kubeconfig(
            "kubernetes-admin",
            _authorities.Kubernetes.Issue("kubernetes-admin", "kubeadm:cluster-admins", client: true),
            _cluster.Endpoint
        );

    /// <summary>Adds what a control-plane node has.</summary>
    public void AddControlPlane(NodeFiles files, int index)
    {
        var (name, address) = _cluster.ControlPlanes[index];
        AddAuthorities(files);
        AddLeaves(files, name, address);
        AddKubeconfigs(files, address);
        AddKubelet(files, name, address);
        files.AddDirectory(_cluster.DataDirectory, OwnerOnly);
        var manifests = Kubernetes + "/manifests";
        files.AddDirectory(manifests, OwnerOnly);
        files.AddPrivate(manifests + "/etcd.yaml", Manifests.Etcd(_cluster, index));
        files.AddPrivate(manifests + "/kube-apiserver.yaml", Manifests.ApiServer(_cluster, index));
        files.AddPrivate(manifests + "/kube-controller-manager.yaml", Manifests.ControllerManager(_cluster));
        files.AddPrivate(manifests + "/kube-scheduler.yaml", Manifests.Scheduler(_cluster));
        if (_cluster.EncryptionConfiguration is { } encryption)
        {
            files.AddPrivate(EncryptionFile, encryption);
        }
    }

    /// <summary>Adds what a worker has.</summary>
    public void AddWorker(NodeFiles files, string name, string address)
    {
        files.AddDirectory(Kubernetes + "/manifests", OwnerOnly);
        files.Add(Pki + "/ca.crt", _authorities.Kubernetes.CertificatePem);
        AddKubelet(files, name, address);
    }

    private void AddAuthorities(NodeFiles files)
    {
        files.AddPair(Pki + "/ca", (_authorities.Kubernetes.CertificatePem, _authorities.Kubernetes.KeyPem));
        files.AddPair(Pki + "/etcd/ca", (_authorities.Etcd.CertificatePem, _authorities.Etcd.KeyPem));
        files.AddPair(Pki + "/front-proxy-ca", (_authorities.FrontProxy.CertificatePem, _authorities.FrontProxy.KeyPem));
        files.AddPrivate(Pki + "/sa.key", _authorities.ServiceAccountKeyPem);
        // kubeadm writes the public key with the mode of keys.
        files.AddPrivate(Pki + "/sa.pub", _authorities.ServiceAccountPublicPem);
    }

    private void AddLeaves(NodeFiles files, string name, string address)
    {
        string[] apiNames =
        [
            name,
            "kubernetes",
            "kubernetes.default",
            "kubernetes.default.svc",
            "kubernetes.default.svc.cluster.local",
            _cluster.EndpointHost,
            FirstAddress(_cluster.ServiceCidr),
            address,
        ];
        string[] etcdNames = [name, "localhost", address, "127.0.0.1", "::1"];
        files.AddPair(Pki + "/apiserver", _authorities.Kubernetes.Issue("kube-apiserver", server: true, alternativeNames: apiNames));
        files.AddPair(
            Pki + "/apiserver-kubelet-client",
            _authorities.Kubernetes.Issue("kube-apiserver-kubelet-client", "kubeadm:cluster-admins", client: true)
        );
        files.AddPair(Pki + "/apiserver-etcd-client", _authorities.Etcd.Issue("kube-apiserver-etcd-client", client: true));
        files.AddPair(Pki + "/front-proxy-client", _authorities.FrontProxy.Issue("front-proxy-client", client: true));
        files.AddPair(Pki + "/etcd/server", _authorities.Etcd.Issue(name, server: true, client: true, alternativeNames: etcdNames));
        files.AddPair(Pki + "/etcd/peer", _authorities.Etcd.Issue(name, server: true, client: true, alternativeNames: etcdNames));
        files.AddPair(Pki + "/etcd/healthcheck-client", _authorities.Etcd.Issue("kube-etcd-healthcheck-client", client: true));
    }

    private void AddKubeconfigs(NodeFiles files, string address)
    {
        var own = $"https://{address}:6443";
        files.AddPrivate(Kubernetes + "/admin.conf", AdminKubeconfig());
        files.AddPrivate(
            Kubernetes + "/super-admin.conf",
            Kubeconfig(
                "kubernetes-super-admin",
                _authorities.Kubernetes.Issue("kubernetes-super-admin", "system:masters", client: true),
                _cluster.Endpoint
            )
        );
        files.AddPrivate(
            Kubernetes + "/controller-manager.conf",
            Kubeconfig("system:kube-controller-manager", _authorities.Kubernetes.Issue("system:kube-controller-manager", client: true), own)
        );
        files.AddPrivate(
            Kubernetes + "/scheduler.conf",
            Kubeconfig("system:kube-scheduler", _authorities.Kubernetes.Issue("system:kube-scheduler", client: true), own)
        );
    }

    private void AddKubelet(NodeFiles files, string name, string address)
    {
        var client = _authorities.Kubernetes.Issue($"system:node:{name}", "system:nodes", client: true);
        files.AddPrivate(Kubernetes + "/kubelet.conf", Kubeconfig($"system:node:{name}", client, _cluster.Endpoint));
        files.Add(
            "/var/lib/kubelet/kubeadm-flags.env",
            $"KUBELET_KUBEADM_ARGS=\"--container-runtime-endpoint=unix:///var/run/containerd/containerd.sock --node-ip={address} "
                + "--pod-infra-container-image=registry.k8s.io/pause:3.10.1\"\n"
        );
        files.Add("/var/lib/kubelet/config.yaml", KubeletConfiguration);
        files.AddPrivate("/etc/cni/net.d/10-flannel.conflist", FlannelConfiguration);
    }

    private string Kubeconfig(string user, (string Certificate, string Key) client, string server) =>
        $"""
            apiVersion: v1
            clusters:
            - cluster:
                certificate-authority-data: {Base64(_authorities.Kubernetes.CertificatePem)}
                server: {server}
              name: kubernetes
            contexts:
            - context:
                cluster: kubernetes
                user: {user}
              name: {user}@kubernetes
            current-context: {user}@kubernetes
            kind: Config
            users:
            - name: {user}
              user:
                client-certificate-data: {Base64(client.Certificate)}
                client-key-data: {Base64(client.Key)}

            """;

    /// <summary>The kubernetes service's address: the first of the service range.</summary>
    private static string FirstAddress(string cidr)
    {
        var network = cidr.Split('/')[0];
        return network[..network.LastIndexOf('.')] + ".1";
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.ASCII.GetBytes(text));

    private const string KubeletConfiguration = """
        apiVersion: kubelet.config.k8s.io/v1beta1
        authentication:
          anonymous:
            enabled: false
          webhook:
            cacheTTL: 0s
            enabled: true
          x509:
            clientCAFile: /etc/kubernetes/pki/ca.crt
        authorization:
          mode: Webhook
          webhook:
            cacheAuthorizedTTL: 0s
            cacheUnauthorizedTTL: 0s
        cgroupDriver: systemd
        clusterDNS:
        - 10.96.0.10
        clusterDomain: cluster.local
        containerRuntimeEndpoint: unix:///var/run/containerd/containerd.sock
        fileCheckFrequency: 0s
        healthzBindAddress: 127.0.0.1
        healthzPort: 10248
        httpCheckFrequency: 0s
        kind: KubeletConfiguration
        nodeStatusReportFrequency: 0s
        nodeStatusUpdateFrequency: 0s
        rotateCertificates: true
        runtimeRequestTimeout: 0s
        shutdownGracePeriod: 0s
        shutdownGracePeriodCriticalPods: 0s
        staticPodPath: /etc/kubernetes/manifests
        streamingConnectionIdleTimeout: 0s
        syncFrequency: 0s
        volumeStatsAggPeriod: 0s

        """;

    private const string FlannelConfiguration = """
        {
          "name": "cbr0",
          "cniVersion": "0.3.1",
          "plugins": [
            { "type": "flannel", "delegate": { "hairpinMode": true, "isDefaultGateway": true } },
            { "type": "portmap", "capabilities": { "portMappings": true } }
          ]
        }

        """;
}
