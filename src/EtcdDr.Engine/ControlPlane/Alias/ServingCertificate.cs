using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EtcdDr.Engine.Tls;

namespace EtcdDr.Engine.ControlPlane.Alias;

/// <summary>An apiserver's serving certificate: the names that it covers, and new ones made as kubeadm makes them.</summary>
internal static class ServingCertificate
{
    /// <summary>DNS names, then addresses, as the certificate has them.</summary>
    public static IReadOnlyList<string> NamesOf(X509Certificate2 certificate)
    {
        var extension = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault();
        return extension is null ? [] : [.. extension.EnumerateDnsNames(), .. extension.EnumerateIPAddresses().Select(a => a.ToString())];
    }

    /// <summary>Whether a certificate is for a name.</summary>
    public static bool Covers(X509Certificate2 certificate, string name) =>
        NamesOf(certificate).Contains(name, StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether a certificate is signed by a CA.</summary>
    public static bool IsIssuedBy(X509Certificate2 certificate, X509Certificate2 authority) =>
        TlsCertificates.IsTrusted(certificate, [], [authority], out _);

    /// <summary>
    /// Issues a certificate with a new key of the present one's kind. Subject, usages, signature and PEM forms are those of kubeadm's
    /// (cmd/kubeadm/app/util/pkiutil).
    /// </summary>
    /// <param name="present">The present certificate.</param>
    /// <param name="names">Names and addresses to cover.</param>
    /// <param name="authority">The CA.</param>
    /// <param name="authorityKey">Its key, PEM.</param>
    /// <param name="validity">How long it shall be valid; never longer than the CA.</param>
    /// <param name="now">The present time.</param>
    /// <returns>Certificate and key, PEM.</returns>
    /// <exception cref="CryptographicException">The CA's key cannot be used, or is not the CA's.</exception>
    public static (string Certificate, string Key) Issue(
        X509Certificate2 present,
        IEnumerable<string> names,
        X509Certificate2 authority,
        ReadOnlySpan<char> authorityKey,
        TimeSpan validity,
        DateTimeOffset now
    ) =>
        LeafCertificate.Issue(
            new X500DistinguishedName("CN=kube-apiserver"),
            [LeafCertificate.ServerAuthentication],
            names,
            present,
            authority,
            authorityKey,
            validity,
            now
        );

    /// <summary>A duration as kubeadm's configuration has it (<c>8760h0m0s</c>); null if it is none.</summary>
    public static TimeSpan? Duration(string? text)
    {
        if (text is null || !text.EndsWith("h0m0s", StringComparison.Ordinal))
        {
            return null;
        }

        return int.TryParse(text[..^5], NumberStyles.None, CultureInfo.InvariantCulture, out var hours) && hours > 0
            ? TimeSpan.FromHours(hours)
            : null;
    }
}
