using System.Security.Cryptography;

namespace EtcdDr.Lab.Kubeadm;

/// <summary>What all control-plane nodes of a cluster share: three CAs and the service-account key pair.</summary>
internal sealed class ClusterAuthorities : IDisposable
{
    private readonly RSA _serviceAccounts = RSA.Create(2048);

    public CertificateAuthority Kubernetes { get; } = new("kubernetes");

    public CertificateAuthority Etcd { get; } = new("etcd-ca");

    public CertificateAuthority FrontProxy { get; } = new("front-proxy-ca");

    /// <summary>sa.key: PKCS#1, as kubeadm writes it.</summary>
    public string ServiceAccountKeyPem => _serviceAccounts.ExportRSAPrivateKeyPem() + "\n";

    /// <summary>sa.pub: SubjectPublicKeyInfo.</summary>
    public string ServiceAccountPublicPem => _serviceAccounts.ExportSubjectPublicKeyInfoPem() + "\n";

    public void Dispose()
    {
        _serviceAccounts.Dispose();
        Kubernetes.Dispose();
        Etcd.Dispose();
        FrontProxy.Dispose();
    }
}
