using System.Security.Cryptography.X509Certificates;

namespace EtcdDr.Lab.Played;

/// <summary>Certificate checks against the cluster's own authority alone.</summary>
internal static class Trust
{
    public static X509ChainPolicy Policy(X509Certificate2Collection authorities)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.AddRange(authorities);
        return policy;
    }

    public static X509Certificate2Collection Load(string path)
    {
        var result = new X509Certificate2Collection();
        result.ImportFromPemFile(path);
        return result;
    }
}
