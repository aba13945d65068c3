using System.Diagnostics;
using System.Globalization;
using EtcdDr.Engine.ControlPlane.Manifests;
using EtcdDr.Tests.Fakes;

namespace EtcdDr.Tests.Etcd;

/// <summary>One real etcd on loopback, with a manifest as kubeadm would write it.</summary>
internal sealed class EtcdTestMember(string directory, TestPki pki, string name, int clientPort, int peerPort, string initialCluster)
    : IDisposable
{
    private Process? _process;

    public string Name { get; } = name;

    public int ClientPort { get; } = clientPort;

    public string ClientUrl => $"https://127.0.0.1:{ClientPort}";

    public string PeerUrl => $"https://127.0.0.1:{peerPort}";

    public string DataDirectory => $"{directory}/{Name}/data";

    /// <summary>Stands for /etc/kubernetes of the node.</summary>
    public string Kubernetes => $"{directory}/{Name}/etc/kubernetes";

    public ClusterNode Node => new(Name, NodeRole.ControlPlane, "127.0.0.1");

    /// <summary>The host of this node: commands that look at directories of a node are given the member's own.</summary>
    public LocalHost CreateHost() =>
        new(Name)
        {
            Rewrite = command =>
                command.Name switch
                {
                    "manifest.read-all" => command.With($"{Kubernetes}/manifests"),
                    "snapshot.archive" => command.With([$"{directory}/{Name}", .. command.Arguments.Skip(1)]),
                    _ when command.Name.StartsWith("lock.", StringComparison.Ordinal) => command with
                    {
                        Script = command.Script.Replace("/run/etcddr", $"{directory}/{Name}/run", StringComparison.Ordinal),
                    },
                    _ => command,
                },
        };

    public EtcdMemberConfiguration Configuration =>
        NodeManifests.Parse(Name, $"{Kubernetes}/manifests", new Dictionary<string, string> { ["etcd.yaml"] = Manifest() }).RequireEtcd();

    public void WriteNodeFiles()
    {
        Directory.CreateDirectory($"{Kubernetes}/manifests");
        File.WriteAllText($"{Kubernetes}/manifests/etcd.yaml", Manifest());
        File.WriteAllText($"{Kubernetes}/manifests/kube-apiserver.yaml", ApiServerManifest());
        File.WriteAllText(
            $"{Kubernetes}/manifests/kube-controller-manager.yaml",
            Pod("kube-controller-manager", ["kube-controller-manager", "--cluster-cidr=10.244.0.0/16"])
        );
        Directory.CreateDirectory($"{Kubernetes}/pki");
        File.WriteAllText($"{Kubernetes}/pki/sa.key", "the signing key");
        File.WriteAllText($"{Kubernetes}/pki/sa.pub", "the public key");
        Directory.CreateDirectory($"{Kubernetes}/tmp/kubeadm-backup-etcd");
        File.WriteAllText($"{Kubernetes}/tmp/kubeadm-backup-etcd/db", "large");
        Directory.CreateDirectory($"{directory}/{Name}/etc/cni/net.d");
        File.WriteAllText($"{directory}/{Name}/etc/cni/net.d/10-flannel.conflist", "{}");
    }

    public void Start(string state = "new")
    {
        Directory.CreateDirectory(DataDirectory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var arguments = Flags().Append($"--initial-cluster={initialCluster}").Append($"--initial-cluster-state={state}");
        _process = Process.Start(
            new ProcessStartInfo(EtcdPackages.EtcdPath, arguments) { RedirectStandardError = true, RedirectStandardOutput = true }
        )!;
        _process.ErrorDataReceived += (_, _) => { };
        _process.OutputDataReceived += (_, _) => { };
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
    }

    /// <summary>Stops its process without ending it: connections come about, answers do not.</summary>
    public void Suspend()
    {
        using var kill = Process.Start("kill", ["-STOP", _process!.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    public void Stop()
    {
        if (_process is null)
        {
            return;
        }

        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _process = null;
    }

    public void Dispose() => Stop();

    private string[] Flags() =>
        [
            $"--name={Name}",
            $"--data-dir={DataDirectory}",
            $"--listen-client-urls={ClientUrl}",
            $"--advertise-client-urls={ClientUrl}",
            $"--listen-peer-urls={PeerUrl}",
            $"--initial-advertise-peer-urls={PeerUrl}",
            $"--cert-file={pki.Directory}/server.crt",
            $"--key-file={pki.Directory}/server.key",
            $"--trusted-ca-file={pki.CaFile}",
            "--client-cert-auth=true",
            $"--peer-cert-file={pki.Directory}/server.crt",
            $"--peer-key-file={pki.Directory}/server.key",
            $"--peer-trusted-ca-file={pki.CaFile}",
            "--unsafe-no-fsync",
        ];

    private string Manifest() => Pod("etcd", ["etcd", .. Flags().Where(f => f != "--unsafe-no-fsync")]);

    private string ApiServerManifest() =>
        Pod(
            "kube-apiserver",
            [
                "kube-apiserver",
                $"--etcd-servers=https://127.0.0.1:{ClientPort}",
                $"--etcd-cafile={pki.CaFile}",
                $"--etcd-certfile={pki.Directory}/apiserver-etcd-client.crt",
                $"--etcd-keyfile={pki.Directory}/apiserver-etcd-client.key",
                $"--service-account-key-file={Kubernetes}/pki/sa.pub",
                $"--service-account-signing-key-file={Kubernetes}/pki/sa.key",
                "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
            ]
        );

    private string Pod(string program, IEnumerable<string> command) =>
        $"""
            apiVersion: v1
            kind: Pod
            metadata:
              name: {program}
              namespace: kube-system
            spec:
              containers:
              - name: {program}
                image: registry.example/{program}:test
                command:
            {string.Join('\n', command.Select(c => $"    - {c}"))}
                volumeMounts:
                - mountPath: {directory}
                  name: all
              volumes:
              - name: all
                hostPath:
                  path: {directory}
            """;
}
