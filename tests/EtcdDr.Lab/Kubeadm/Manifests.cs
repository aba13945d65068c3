using System.Globalization;

namespace EtcdDr.Lab.Kubeadm;

/// <summary>Static-pod manifests as kubeadm 1.36 renders them (sigs.k8s.io/yaml: keys sorted, lists not indented).</summary>
internal static class Manifests
{
    private const string Pki = "/etc/kubernetes/pki";

    /// <summary>etcd.yaml of the node that joined as number <paramref name="index"/>; its --initial-cluster names only those that joined
    /// before.</summary>
    public static string Etcd(ClusterLayout cluster, int index)
    {
        var (name, address) = cluster.ControlPlanes[index];
        // 3.4 has no /livez and /readyz: there kubeadm of its day probed /health.
        var old = cluster.EtcdVersion.StartsWith("3.4.", StringComparison.Ordinal);
        string[] flags =
        [
            $"--advertise-client-urls=https://{address}:2379",
            $"--cert-file={Pki}/etcd/server.crt",
            "--client-cert-auth=true",
            $"--data-dir={cluster.DataDirectory}",
            "--experimental-initial-corrupt-check=true",
            .. old ? Array.Empty<string>() : ["--experimental-watch-progress-notify-interval=5s"],
            $"--initial-advertise-peer-urls=https://{address}:2380",
            $"--initial-cluster={InitialCluster(cluster, index)}",
            .. index == 0 ? Array.Empty<string>() : ["--initial-cluster-state=existing"],
            $"--key-file={Pki}/etcd/server.key",
            $"--listen-client-urls=https://127.0.0.1:2379,https://{address}:2379",
            "--listen-metrics-urls=http://127.0.0.1:2381",
            $"--listen-peer-urls=https://{address}:2380",
            $"--name={name}",
            $"--peer-cert-file={Pki}/etcd/peer.crt",
            "--peer-client-cert-auth=true",
            $"--peer-key-file={Pki}/etcd/peer.key",
            $"--peer-trusted-ca-file={Pki}/etcd/ca.crt",
            .. Quota(cluster),
            "--snapshot-count=10000",
            $"--trusted-ca-file={Pki}/etcd/ca.crt",
        ];
        return Pod(
            "etcd",
            $"kubeadm.kubernetes.io/etcd.advertise-client-urls: https://{address}:2379",
            cluster.EtcdImage,
            flags,
            [
                Probe(
                    "livenessProbe",
                    8,
                    old ? "/health?exclude=NOSPACE&serializable=true" : "/livez",
                    "127.0.0.1",
                    "HTTP",
                    initialDelay: 10,
                    timeout: 15
                ),
                Port(2381),
                old ? string.Empty : Probe("readinessProbe", 3, "/readyz", "127.0.0.1", "HTTP", initialDelay: null, timeout: 15, period: 1),
                Requests("100m", "100Mi"),
                Probe(
                    "startupProbe",
                    24,
                    old ? "/health?serializable=false" : "/readyz",
                    "127.0.0.1",
                    "HTTP",
                    initialDelay: 10,
                    timeout: 15
                ),
            ],
            [("etcd-data", cluster.DataDirectory, "DirectoryOrCreate", false), ("etcd-certs", $"{Pki}/etcd", "DirectoryOrCreate", false)]
        );
    }

    // As an administrator sets it whose database outgrows the default.
    private static string[] Quota(ClusterLayout cluster) =>
        cluster.EtcdQuota is { } bytes ? [string.Create(CultureInfo.InvariantCulture, $"--quota-backend-bytes={bytes}")] : [];

    public static string ApiServer(ClusterLayout cluster, int index)
    {
        var address = cluster.ControlPlanes[index].Address;
        string[] flags =
        [
            $"--advertise-address={address}",
            "--allow-privileged=true",
            "--authorization-mode=Node,RBAC",
            $"--client-ca-file={Pki}/ca.crt",
            "--enable-admission-plugins=NodeRestriction",
            "--enable-bootstrap-token-auth=true",
            .. cluster.EncryptionConfiguration is null
                ? Array.Empty<string>()
                : [$"--encryption-provider-config={KubeadmFiles.EncryptionFile}"],
            $"--etcd-cafile={Pki}/etcd/ca.crt",
            $"--etcd-certfile={Pki}/apiserver-etcd-client.crt",
            $"--etcd-keyfile={Pki}/apiserver-etcd-client.key",
            "--etcd-servers=https://127.0.0.1:2379",
            $"--kubelet-client-certificate={Pki}/apiserver-kubelet-client.crt",
            $"--kubelet-client-key={Pki}/apiserver-kubelet-client.key",
            "--kubelet-preferred-address-types=InternalIP,ExternalIP,Hostname",
            $"--proxy-client-cert-file={Pki}/front-proxy-client.crt",
            $"--proxy-client-key-file={Pki}/front-proxy-client.key",
            "--requestheader-allowed-names=front-proxy-client",
            $"--requestheader-client-ca-file={Pki}/front-proxy-ca.crt",
            "--requestheader-extra-headers-prefix=X-Remote-Extra-",
            "--requestheader-group-headers=X-Remote-Group",
            "--requestheader-username-headers=X-Remote-User",
            "--secure-port=6443",
            $"--service-account-issuer={cluster.Issuer}",
            $"--service-account-key-file={Pki}/sa.pub",
            $"--service-account-signing-key-file={Pki}/sa.key",
            $"--service-cluster-ip-range={cluster.ServiceCidr}",
            $"--tls-cert-file={Pki}/apiserver.crt",
            $"--tls-private-key-file={Pki}/apiserver.key",
        ];
        return Pod(
            "kube-apiserver",
            $"kubeadm.kubernetes.io/kube-apiserver.advertise-address.endpoint: {address}:6443",
            $"registry.k8s.io/kube-apiserver:{cluster.KubernetesVersion}",
            flags,
            [
                Probe("livenessProbe", 8, "/livez", address, "HTTPS", initialDelay: 10, timeout: 15),
                Port(6443),
                Probe("readinessProbe", 3, "/readyz", address, "HTTPS", initialDelay: null, timeout: 15, period: 1),
                Requests("250m", null),
                Probe("startupProbe", 24, "/livez", address, "HTTPS", initialDelay: 10, timeout: 15),
            ],
            [
                ("ca-certs", "/etc/ssl/certs", "DirectoryOrCreate", true),
                .. cluster.EncryptionConfiguration is null
                    ? Array.Empty<(string, string, string, bool)>()
                    : [("enc", Path.GetDirectoryName(KubeadmFiles.EncryptionFile)!, "DirectoryOrCreate", true)],
                ("etc-ca-certificates", "/etc/ca-certificates", "DirectoryOrCreate", true),
                ("k8s-certs", Pki, "DirectoryOrCreate", true),
                ("usr-local-share-ca-certificates", "/usr/local/share/ca-certificates", "DirectoryOrCreate", true),
                ("usr-share-ca-certificates", "/usr/share/ca-certificates", "DirectoryOrCreate", true),
            ]
        );
    }

    public static string ControllerManager(ClusterLayout cluster)
    {
        string[] flags =
        [
            "--allocate-node-cidrs=true",
            "--authentication-kubeconfig=/etc/kubernetes/controller-manager.conf",
            "--authorization-kubeconfig=/etc/kubernetes/controller-manager.conf",
            "--bind-address=127.0.0.1",
            $"--client-ca-file={Pki}/ca.crt",
            $"--cluster-cidr={cluster.PodCidr}",
            "--cluster-name=kubernetes",
            $"--cluster-signing-cert-file={Pki}/ca.crt",
            $"--cluster-signing-key-file={Pki}/ca.key",
            "--controllers=*,bootstrapsigner,tokencleaner",
            "--kubeconfig=/etc/kubernetes/controller-manager.conf",
            "--leader-elect=true",
            $"--requestheader-client-ca-file={Pki}/front-proxy-ca.crt",
            $"--root-ca-file={Pki}/ca.crt",
            $"--service-account-private-key-file={Pki}/sa.key",
            $"--service-cluster-ip-range={cluster.ServiceCidr}",
            "--use-service-account-credentials=true",
        ];
        return Pod(
            "kube-controller-manager",
            null,
            $"registry.k8s.io/kube-controller-manager:{cluster.KubernetesVersion}",
            flags,
            [
                Probe("livenessProbe", 8, "/healthz", "127.0.0.1", "HTTPS", initialDelay: 10, timeout: 15),
                Port(10257),
                Requests("200m", null),
                Probe("startupProbe", 24, "/healthz", "127.0.0.1", "HTTPS", initialDelay: 10, timeout: 15),
            ],
            [
                ("ca-certs", "/etc/ssl/certs", "DirectoryOrCreate", true),
                ("etc-ca-certificates", "/etc/ca-certificates", "DirectoryOrCreate", true),
                ("flexvolume-dir", "/usr/libexec/kubernetes/kubelet-plugins/volume/exec", "DirectoryOrCreate", false),
                ("k8s-certs", Pki, "DirectoryOrCreate", true),
                ("kubeconfig", "/etc/kubernetes/controller-manager.conf", "FileOrCreate", true),
                ("usr-local-share-ca-certificates", "/usr/local/share/ca-certificates", "DirectoryOrCreate", true),
                ("usr-share-ca-certificates", "/usr/share/ca-certificates", "DirectoryOrCreate", true),
            ]
        );
    }

    public static string Scheduler(ClusterLayout cluster)
    {
        string[] flags =
        [
            "--authentication-kubeconfig=/etc/kubernetes/scheduler.conf",
            "--authorization-kubeconfig=/etc/kubernetes/scheduler.conf",
            "--bind-address=127.0.0.1",
            "--kubeconfig=/etc/kubernetes/scheduler.conf",
            "--leader-elect=true",
        ];
        return Pod(
            "kube-scheduler",
            null,
            $"registry.k8s.io/kube-scheduler:{cluster.KubernetesVersion}",
            flags,
            [
                Probe("livenessProbe", 8, "/livez", "127.0.0.1", "HTTPS", initialDelay: 10, timeout: 15),
                Port(10259),
                Probe("readinessProbe", 3, "/readyz", "127.0.0.1", "HTTPS", initialDelay: null, timeout: 15, period: 1),
                Requests("100m", null),
                Probe("startupProbe", 24, "/livez", "127.0.0.1", "HTTPS", initialDelay: 10, timeout: 15),
            ],
            [("kubeconfig", "/etc/kubernetes/scheduler.conf", "FileOrCreate", true)]
        );
    }

    private static string InitialCluster(ClusterLayout cluster, int index)
    {
        // As joining writes it: the members that were there, then itself.
        var known = cluster.ControlPlanes.Take(index + 1).Select(node => $"{node.Name}=https://{node.Address}:2380");
        return string.Join(',', known);
    }

    private static string Pod(
        string name,
        string? annotation,
        string image,
        string[] flags,
        string[] parts,
        (string Name, string Path, string Type, bool ReadOnly)[] volumes
    )
    {
        var annotations = annotation is null ? string.Empty : $"\n  annotations:\n    {annotation}";
        var command = string.Join('\n', flags.Prepend(name).Select(flag => $"    - {flag}"));
        var mounts = string.Join(
            '\n',
            volumes.Select(v => $"    - mountPath: {v.Path}\n      name: {v.Name}" + (v.ReadOnly ? "\n      readOnly: true" : string.Empty))
        );
        var hostPaths = string.Join(
            '\n',
            volumes
                .OrderBy(v => v.Name, StringComparer.Ordinal)
                .Select(v => $"  - hostPath:\n      path: {v.Path}\n      type: {v.Type}\n    name: {v.Name}")
        );
        // livenessProbe sorts before the container's name, the other parts after it.
        return $"""
            apiVersion: v1
            kind: Pod
            metadata:{annotations}
              labels:
                component: {name}
                tier: control-plane
              name: {name}
              namespace: kube-system
            spec:
              containers:
              - command:
            {command}
                image: {image}
                imagePullPolicy: IfNotPresent
            {parts[0]}
                name: {name}
            {string.Join('\n', parts.Skip(1).Where(part => part.Length > 0))}
                volumeMounts:
            {mounts}
              hostNetwork: true
              priority: 2000001000
              priorityClassName: system-node-critical
              securityContext:
                seccompProfile:
                  type: RuntimeDefault
              volumes:
            {hostPaths}
            status: {"{}"}

            """;
    }

    private static string Probe(
        string kind,
        int failures,
        string path,
        string host,
        string scheme,
        int? initialDelay,
        int timeout,
        int period = 10
    )
    {
        var delay = initialDelay is null
            ? string.Empty
            : string.Create(CultureInfo.InvariantCulture, $"\n      initialDelaySeconds: {initialDelay}");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"""
                {kind}:
                  failureThreshold: {failures}
                  httpGet:
                    host: {host}
                    path: {path}
                    port: probe-port
                    scheme: {scheme}{delay}
                  periodSeconds: {period}
                  timeoutSeconds: {timeout}
            """
        );
    }

    private static string Port(int port) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"    ports:\n    - containerPort: {port}\n      name: probe-port\n      protocol: TCP"
        );

    private static string Requests(string cpu, string? memory) =>
        $"    resources:\n      requests:\n        cpu: {cpu}" + (memory is null ? string.Empty : $"\n        memory: {memory}");
}
