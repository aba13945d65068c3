using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EtcdDr.Lab.Tools;

namespace EtcdDr.Lab.Nodes;

/// <summary>Issues a node's certificates anew with the authorities that lie on the node, as <c>kubeadm certs renew</c> does; or so that
/// they are over.</summary>
public static class NodeCertificates
{
    private const string Pki = "/etc/kubernetes/pki";

    /// <summary>Certificates without which a control-plane node does not come back.</summary>
    private static readonly (string Leaf, string Authority)[] Leaves =
    [
        ("etcd/server", "etcd/ca"),
        ("etcd/peer", "etcd/ca"),
        ("apiserver", "ca"),
        ("apiserver-etcd-client", "etcd/ca"),
    ];

    /// <summary>Lets them be over since yesterday. What runs goes on with what it has loaded.</summary>
    public static Task ExpireCertificatesAsync(this LabNode node, CancellationToken cancellationToken = default) =>
        IssueAsync(node, DateTimeOffset.UtcNow.AddYears(-1), DateTimeOffset.UtcNow.AddDays(-1), cancellationToken);

    /// <summary>Renews them for a year.</summary>
    public static Task RenewCertificatesAsync(this LabNode node, CancellationToken cancellationToken = default) =>
        IssueAsync(node, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddYears(1), cancellationToken);

    private static async Task IssueAsync(LabNode node, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(node);
        foreach (var (leaf, authority) in Leaves)
        {
            var file = node.PathOf($"{Pki}/{leaf}.crt");
            using var old = X509CertificateLoader.LoadCertificateFromFile(file);
            using var issuer = X509Certificate2.CreateFromPemFile(
                node.PathOf($"{Pki}/{authority}.crt"),
                node.PathOf($"{Pki}/{authority}.key")
            );
            var request = new CertificateRequest(old.SubjectName, old.PublicKey, HashAlgorithmName.SHA256);
            foreach (var extension in old.Extensions)
            {
                request.CertificateExtensions.Add(extension);
            }

            var serial = RandomNumberGenerator.GetBytes(8);
            serial[0] &= 0x7F;
            using var key = issuer.GetRSAPrivateKey() ?? throw new LabException($"{authority} of {node.Name} has no RSA key.");
            var signer = X509SignatureGenerator.CreateForRSA(key, RSASignaturePadding.Pkcs1);

            // An authority that is younger than what it signs is no obstacle to a check of dates.
            using var made = request.Create(issuer.SubjectName, signer, from, to, serial);
            await File.WriteAllTextAsync(file, made.ExportCertificatePem() + "\n", cancellationToken);
        }
    }
}
