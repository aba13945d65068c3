using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EtcdDr.Engine.ControlPlane.Manifests;
using EtcdDr.Engine.Ssh;
using EtcdDr.Engine.Tls;

namespace EtcdDr.Engine.Etcd;

/// <summary>What TLS to one member needs: etcd's CA and a client certificate with its key. In memory only.</summary>
internal sealed class EtcdCredentials : IDisposable
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private EtcdCredentials(X509Certificate2Collection authorities, X509Certificate2 client)
    {
        Authorities = authorities;
        Client = client;
    }

    /// <summary>etcd's CA certificates.</summary>
    public X509Certificate2Collection Authorities { get; }

    /// <summary>The client certificate with its key.</summary>
    public X509Certificate2 Client { get; }

    /// <summary>
    /// Reads them from a node: the CA that the manifests name, and the first pair that is valid now of the apiserver's client certificate,
    /// kubeadm's health-check client certificate, and etcd's own (which kubeadm makes for both uses).
    /// </summary>
    public static async Task<EtcdCredentials> ReadAsync(
        IRemoteHost host,
        EtcdMemberConfiguration configuration,
        ApiServerConfiguration? apiServer,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        var authorityFile =
            apiServer?.EtcdCaFile
            ?? configuration.TrustedCaFile
            ?? throw Missing(host, configuration, Errors.EtcdClientCertificateMissing_NoAuthority_Part, []);
        var pairs = Candidates(configuration, apiServer, authorityFile);
        var command = EtcdCommands.ReadCredentials.With([authorityFile, .. pairs.SelectMany(p => new[] { p.Certificate, p.Key })]);
        var result = await host.RunAsync(command, cancellationToken);
        if (result.ExitStatus == EtcdCommands.CaMissing)
        {
            throw new EtcdDrException(
                "EtcdCertificateNotFound",
                EtcdDrErrorCategory.ObjectNotFound,
                Errors.EtcdCertificateNotFound.With(authorityFile, host.Name, apiServer?.ManifestPath ?? configuration.ManifestPath),
                Errors.EtcdCertificateNotFound_Action,
                host.Name
            );
        }

        var files = Split(result.Text);
        var authorities = ReadAuthorities(host, authorityFile, files[authorityFile]);
        var issuers = configuration.TrustedCaFile == authorityFile ? authorities : null;
        return new EtcdCredentials(authorities, ChooseClient(host, configuration, pairs, files, issuers, time.GetUtcNow()));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Client.Dispose();
        foreach (var authority in Authorities)
        {
            authority.Dispose();
        }
    }

    internal static IReadOnlyList<(string Certificate, string Key)> Candidates(
        EtcdMemberConfiguration configuration,
        ApiServerConfiguration? apiServer,
        string authorityFile
    )
    {
        var etcdDirectory = Parent(authorityFile);
        var pairs = new List<(string, string)>();
        if (apiServer is { EtcdCertFile: { } apiServerCertificate, EtcdKeyFile: { } apiServerKey })
        {
            pairs.Add((apiServerCertificate, apiServerKey));
        }

        pairs.Add(($"{Parent(etcdDirectory)}/apiserver-etcd-client.crt", $"{Parent(etcdDirectory)}/apiserver-etcd-client.key"));
        pairs.Add(($"{etcdDirectory}/healthcheck-client.crt", $"{etcdDirectory}/healthcheck-client.key"));
        if (configuration is { CertFile: { } certificate, KeyFile: { } key })
        {
            pairs.Add((certificate, key));
        }

        return pairs.Distinct().ToList();
    }

    internal static Dictionary<string, string> Split(string output)
    {
        var files = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var part in output.Split(EtcdCommands.FileMarker, StringSplitOptions.RemoveEmptyEntries))
        {
            var end = part.IndexOf('\n', StringComparison.Ordinal);
            if (end > 0)
            {
                files[part[..end]] = part[(end + 1)..];
            }
        }

        return files;
    }

    private static string Parent(string path) => path[..Math.Max(0, path.LastIndexOf('/'))];

    private static X509Certificate2Collection ReadAuthorities(IRemoteHost host, string path, string pem)
    {
        var authorities = new X509Certificate2Collection();
        try
        {
            authorities.ImportFromPem(pem);
        }
        catch (CryptographicException exception)
        {
            throw Unusable(host, path, exception.Message, exception);
        }

        return authorities.Count > 0 ? authorities : throw Unusable(host, path, Errors.EtcdCertificateInvalid_NoCertificate_Part, null);
    }

    private static X509Certificate2 ChooseClient(
        IRemoteHost host,
        EtcdMemberConfiguration configuration,
        IReadOnlyList<(string Certificate, string Key)> pairs,
        Dictionary<string, string> files,
        X509Certificate2Collection? issuers,
        DateTimeOffset now
    )
    {
        var refused = new List<string>();
        foreach (var (certificateFile, keyFile) in pairs)
        {
            if (!files.TryGetValue(certificateFile, out var certificatePem) || !files.TryGetValue(keyFile, out var keyPem))
            {
                continue;
            }

            try
            {
                var certificate = X509Certificate2.CreateFromPem(certificatePem, keyPem);
                var problem = ProblemOf(certificate, certificateFile, issuers, now);
                if (problem is null)
                {
                    return TlsCertificates.ForHandshake(certificate);
                }

                certificate.Dispose();
                refused.Add(problem);
            }
            catch (Exception exception) when (exception is CryptographicException or ArgumentException)
            {
                refused.Add(Errors.EtcdClientCertificateMissing_Pair_Part.With(certificateFile, keyFile));
            }
        }

        throw refused.Count == 0
            ? Missing(host, configuration, Errors.EtcdClientCertificateMissing_None_Part, pairs)
            : Missing(host, configuration, string.Join("; ", refused), pairs);
    }

    /// <summary>
    /// Why etcd would refuse a certificate. It is found out here, because with TLS 1.3 a refusal reaches the client only as a closed
    /// connection.
    /// </summary>
    private static string? ProblemOf(X509Certificate2 certificate, string file, X509Certificate2Collection? issuers, DateTimeOffset now)
    {
        if (now > certificate.NotAfter.ToUniversalTime())
        {
            return Errors.EtcdClientCertificateMissing_Expired_Part.With(file, certificate.NotAfter.ToUniversalTime());
        }

        if (now < certificate.NotBefore.ToUniversalTime())
        {
            return Errors.EtcdClientCertificateMissing_TooEarly_Part.With(file, certificate.NotBefore.ToUniversalTime());
        }

        var usages = certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>().FirstOrDefault()?.EnhancedKeyUsages;
        if (usages is not null && !usages.Cast<Oid>().Any(u => u.Value == ClientAuthentication))
        {
            return Errors.EtcdClientCertificateMissing_Usage_Part.With(file);
        }

        return issuers is null || IsSignedBy(certificate, issuers) ? null : Errors.EtcdClientCertificateMissing_Authority_Part.With(file);
    }

    internal static bool IsSignedBy(X509Certificate2 certificate, X509Certificate2Collection issuers)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(issuers);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationFlags = X509VerificationFlags.IgnoreNotTimeValid;
        return chain.Build(certificate);
    }

    private static EtcdDrException Missing(
        IRemoteHost host,
        EtcdMemberConfiguration configuration,
        string reason,
        IReadOnlyList<(string Certificate, string Key)> pairs
    ) =>
        new(
            "EtcdClientCertificateMissing",
            EtcdDrErrorCategory.AuthenticationError,
            pairs.Count == 0
                ? Errors.EtcdClientCertificateMissing.With(host.Name, configuration.ManifestPath, reason)
                : Errors.EtcdClientCertificateMissing_Searched.With(
                    host.Name,
                    configuration.ManifestPath,
                    reason,
                    string.Join(", ", pairs.Select(p => p.Certificate))
                ),
            Errors.EtcdClientCertificateMissing_Action,
            host.Name
        );

    private static EtcdDrException Unusable(IRemoteHost host, string path, string reason, Exception? inner) =>
        new(
            "EtcdCertificateInvalid",
            EtcdDrErrorCategory.InvalidData,
            Errors.EtcdCertificateInvalid_Authority.With(path, host.Name, reason.TrimEnd('.')),
            Errors.EtcdCertificateInvalid_Authority_Action,
            host.Name,
            inner
        );
}
