using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace EtcdDr.Engine.Nodes;

/// <summary>A certificate that a control plane needs when it starts. While it runs an expired one is not noticed.</summary>
/// <param name="Path">The file on the node.</param>
/// <param name="NotAfter">When it expires, UTC.</param>
internal sealed record NodeCertificate(string Path, DateTime NotAfter)
{
    // kubeadm's places of those that no manifest names.
    private const string Kubelet = "/var/lib/kubelet/pki/kubelet-client-current.pem";
    private const string ControllerManager = "/etc/kubernetes/controller-manager.conf";
    private const string Scheduler = "/etc/kubernetes/scheduler.conf";

    /// <summary>Files of a node that hold such certificates.</summary>
    public static IReadOnlyList<string> Files(ControlPlane.Manifests.NodeManifests manifests)
    {
        var etcd = manifests.Etcd;
        var api = manifests.ApiServer;
        string?[] files =
        [
            etcd?.CertFile,
            etcd?.PeerCertFile,
            api?.TlsCertFile,
            api?.EtcdCertFile,
            Kubelet,
            manifests.ControllerManager?.HostPathOfFlag("kubeconfig") ?? ControllerManager,
            manifests.Scheduler?.HostPathOfFlag("kubeconfig") ?? Scheduler,
        ];
        return [.. files.OfType<string>().Distinct(StringComparer.Ordinal)];
    }

    /// <summary>Reads what <see cref="NodeCommands.Certificates"/> printed. What cannot be read as a certificate is left out: other
    /// checks tell of it.</summary>
    public static IReadOnlyList<NodeCertificate> Parse(string text) =>
        [
            .. text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(l => l.Split(' '))
                .Where(l => l.Length == 2)
                .Select(l => Read(Decode(l[0]), Decode(l[1])))
                .OfType<NodeCertificate>(),
        ];

    private static string Decode(string base64) => Encoding.UTF8.GetString(Convert.FromBase64String(base64));

    private static NodeCertificate? Read(string path, string pem)
    {
        try
        {
            using var certificate = X509Certificate2.CreateFromPem(pem);
            return new NodeCertificate(path, certificate.NotAfter.ToUniversalTime());
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
