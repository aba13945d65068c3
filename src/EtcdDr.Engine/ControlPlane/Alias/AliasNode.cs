using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using EtcdDr.Engine.Clusters;
using EtcdDr.Engine.ControlPlane.Manifests;

namespace EtcdDr.Engine.ControlPlane.Alias;

/// <summary>A node as it was found before a name is added.</summary>
internal sealed class AliasNode
{
    private const string KubeadmCertificate = "/etc/kubernetes/pki/apiserver.crt";
    private const string KubeadmKey = "/etc/kubernetes/pki/apiserver.key";

    // kubeadm writes kubeconfigs to this directory only.
    private static readonly string[] OfAllNodes = ["/etc/kubernetes/kubelet.conf"];
    private static readonly string[] OfControlPlane =
    [
        "/etc/kubernetes/admin.conf",
        "/etc/kubernetes/super-admin.conf",
        "/etc/kubernetes/controller-manager.conf",
        "/etc/kubernetes/scheduler.conf",
    ];

    private AliasNode(ClusterNode node, ControlPlaneNode? controlPlane)
    {
        Node = node;
        ControlPlane = controlPlane;
    }

    /// <summary>The node.</summary>
    public ClusterNode Node { get; }

    /// <summary>Its static pods; null for workers.</summary>
    public ControlPlaneNode? ControlPlane { get; }

    /// <summary>Its apiserver; null for workers.</summary>
    public ApiServerConfiguration? ApiServer => ControlPlane?.Manifests.ApiServer;

    /// <summary>Path of the apiserver's serving certificate.</summary>
    public string CertificatePath => ApiServer?.TlsCertFile ?? KubeadmCertificate;

    /// <summary>Path of its key.</summary>
    public string KeyPath => ApiServer?.TlsPrivateKeyFile ?? KubeadmKey;

    /// <summary>Directory of certificates.</summary>
    public string PkiDirectory => CertificatePath[..CertificatePath.LastIndexOf('/')];

    /// <summary>Whether it has kubeadm.</summary>
    public bool HasKubeadm { get; private set; }

    /// <summary>Whether it has the CA's key.</summary>
    public bool HasAuthorityKey { get; private set; }

    /// <summary>Addresses that names resolve to there.</summary>
    public Dictionary<string, string[]> Resolves { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Files that were read, by path. Some hold keys.</summary>
    public Dictionary<string, byte[]> Files { get; } = new(StringComparer.Ordinal);

    /// <summary>Kubeconfigs among them.</summary>
    public IEnumerable<string> Kubeconfigs => Files.Keys.Where(f => OfAllNodes.Contains(f) || OfControlPlane.Contains(f));

    /// <summary>Files among them with kubeadm's configuration.</summary>
    public IEnumerable<string> KubeadmFiles =>
        Files.Keys.Where(f => f != CertificatePath && f != AuthorityPath && !OfAllNodes.Contains(f) && !OfControlPlane.Contains(f));

    /// <summary>Where this node keeps what an alias replaces.</summary>
    public string KeepDirectory(string alias) =>
        $"{HeldManifests.Root(ControlPlane?.Manifests.StaticPodPath ?? "/etc/kubernetes/manifests")}/alias/{alias}";

    /// <summary>Where a new certificate is made.</summary>
    public string WorkDirectory(string alias) => $"{KeepDirectory(alias)}.work";

    private string AuthorityPath => $"{PkiDirectory}/ca.crt";

    /// <summary>Reads a node.</summary>
    public static async Task<AliasNode> ReadAsync(
        ClusterSession session,
        ClusterNode node,
        string alias,
        string present,
        CancellationToken cancellationToken
    )
    {
        var host = await session.HostAsync(node, cancellationToken);
        var isControlPlane = node.Role == NodeRole.ControlPlane;
        var found = new AliasNode(node, isControlPlane ? await ControlPlaneNode.ReadAsync(session, node, cancellationToken) : null);
        string[] files = isControlPlane ? [found.CertificatePath, found.AuthorityPath, .. OfAllNodes, .. OfControlPlane] : OfAllNodes;
        var answer = await host.RunAsync(
            AliasCommands.ReadNode.With([alias, present, isControlPlane ? found.PkiDirectory : "", .. files]),
            cancellationToken
        );
        foreach (var line in answer.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            found.Take(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        }

        return found;
    }

    /// <summary>The apiserver's serving certificate.</summary>
    /// <exception cref="EtcdDrException"><c>ServingCertificateNotFound</c>.</exception>
    public X509Certificate2 Certificate() => Load(CertificatePath) ?? throw AliasErrors.NoServingCertificate(Node.Name, CertificatePath);

    /// <summary>The CA that signed it.</summary>
    /// <exception cref="EtcdDrException"><c>CertificateAuthorityUnknown</c>.</exception>
    public X509Certificate2 Authority() => Load(AuthorityPath) ?? throw AliasErrors.ForeignAuthority(Node.Name, PkiDirectory);

    /// <summary>SHA-256 of a file as it was read.</summary>
    public string Sum(string path) => Convert.ToHexString(SHA256.HashData(Files[path])).ToLowerInvariant();

    /// <summary>A file as text.</summary>
    public string Text(string path) => Encoding.UTF8.GetString(Files[path]);

    private void Take(string[] words)
    {
        switch (words)
        {
            case ["kubeadm"]:
                HasKubeadm = true;
                break;
            case ["ca-key"]:
                HasAuthorityKey = true;
                break;
            case ["resolves", var name, .. var addresses]:
                Resolves[name] = addresses;
                break;
            case ["file", var path, var content]:
                Files[Encoding.UTF8.GetString(Convert.FromBase64String(path))] = Convert.FromBase64String(content);
                break;
            default:
                break;
        }
    }

    private X509Certificate2? Load(string path)
    {
        try
        {
            return Files.ContainsKey(path) ? X509Certificate2.CreateFromPem(Text(path)) : null;
        }
        catch (CryptographicException)
        {
            // Whoever asked says that there is none that can be read.
            return null;
        }
    }
}
