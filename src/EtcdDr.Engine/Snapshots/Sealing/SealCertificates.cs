using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EtcdDr.Engine.Operations;

namespace EtcdDr.Engine.Snapshots.Sealing;

/// <summary>Finds the certificates that users name as PowerShell's CMS cmdlets have them named: a file, a thumbprint, or a
/// subject.</summary>
internal static class SealCertificates
{
    /// <summary>Extended key usage Document Encryption, which PowerShell's Protect-CmsMessage asks for.</summary>
    private const string DocumentEncryption = "1.3.6.1.4.1.311.80.1";

    private const string AnyUsage = "2.5.29.37.0";
    private const string ExtendedKeyUsage = "2.5.29.37";
    private const int Sha1Digits = 40;

    /// <summary>The certificates that a recipient names; the caller disposes them.</summary>
    /// <param name="recipient">An absolute path of a certificate file or of a directory of them, a thumbprint, or a subject (whole or its
    /// common name; <c>*</c> and <c>?</c> are allowed).</param>
    /// <exception cref="EtcdDrException"><c>CertificateNotFound</c>, <c>CertificateUnusable</c>.</exception>
    public static IReadOnlyList<X509Certificate2> Find(string recipient)
    {
        var found =
            File.Exists(recipient) ? [Load(recipient)]
            : Directory.Exists(recipient)
                ? Directory.EnumerateFiles(recipient).Where(IsCertificate).Order(StringComparer.Ordinal).Select(Load).ToList()
            : Search(recipient);
        if (found.Count == 0)
        {
            throw SealErrors.CertificateNotFound(recipient, Errors.CertificateNotFound_Stores_Part);
        }

        foreach (var certificate in found)
        {
            Check(recipient, certificate);
        }

        return found;
    }

    /// <summary>Whether text is a thumbprint.</summary>
    public static bool IsThumbprint(string text) => text.Length == Sha1Digits && text.All(char.IsAsciiHexDigit);

    /// <summary>Whether text can only name a certificate of the store: a thumbprint, or a subject with its kinds of names
    /// (<c>CN=...</c>).</summary>
    public static bool IsOfStore(string text)
    {
        var kind = text.AsSpan(0, Math.Max(0, text.IndexOf('=', StringComparison.Ordinal)));
        return IsThumbprint(text) || (kind.Length is > 0 and <= 3 && kind.IndexOfAnyExceptInRange('A', 'Z') < 0);
    }

    /// <summary>Certificates that a thumbprint or a subject names, whatever they are for; the caller disposes them.</summary>
    public static List<X509Certificate2> Named(string text)
    {
        if (IsThumbprint(text))
        {
            return FromStore(c => c.Thumbprint.Equals(text, StringComparison.OrdinalIgnoreCase));
        }

        var name = text.StartsWith("CN=", StringComparison.OrdinalIgnoreCase) ? text[3..] : text;
        return FromStore(c =>
            Wildcard.Matches(text, c.Subject) || Wildcard.Matches(name, c.GetNameInfo(X509NameType.SimpleName, forIssuer: false))
        );
    }

    /// <summary>Certificates of the account's and the machine's store that a test takes, each once; the others are disposed.</summary>
    public static List<X509Certificate2> FromStore(Func<X509Certificate2, bool> wanted)
    {
        var found = FromStore(StoreLocation.CurrentUser, wanted);
        var known = found.Select(c => c.Thumbprint).ToHashSet(StringComparer.Ordinal);
        found.AddRange(FromStore(StoreLocation.LocalMachine, c => wanted(c) && !known.Contains(c.Thumbprint)));
        return found;
    }

    private static List<X509Certificate2> FromStore(StoreLocation location, Func<X509Certificate2, bool> wanted)
    {
        using var store = new X509Store(StoreName.My, location);
        try
        {
            store.Open(OpenFlags.ReadOnly | OpenFlags.OpenExistingOnly);
        }
        catch (CryptographicException)
        {
            // There is no store: it holds nothing. (Unix has none of the machine's.)
            return [];
        }

        var found = new List<X509Certificate2>();
        foreach (var certificate in store.Certificates)
        {
            if (wanted(certificate))
            {
                found.Add(certificate);
            }
            else
            {
                certificate.Dispose();
            }
        }

        return found;
    }

    private static bool IsCertificate(string path) => Path.GetExtension(path).ToLowerInvariant() is ".cer" or ".crt" or ".pem";

    // As PowerShell's CMS cmdlets choose: of those that a subject names only valid ones for document encryption; a thumbprint is meant.
    private static List<X509Certificate2> Search(string recipient)
    {
        var found = Named(recipient);
        if (IsThumbprint(recipient))
        {
            return found;
        }

        var fit = found.Where(c => Usages(c)?.Contains(DocumentEncryption) is true && c.NotAfter > DateTime.Now).ToList();
        foreach (var unfit in found.Except(fit))
        {
            unfit.Dispose();
        }

        return fit;
    }

    private static X509Certificate2 Load(string path)
    {
        try
        {
            // A PFX without a passphrase, DER, or PEM; only the public half is used.
            return X509Certificate2.GetCertContentType(path) is X509ContentType.Pkcs12
                ? X509CertificateLoader.LoadPkcs12FromFile(path, password: null)
                : X509CertificateLoader.LoadCertificateFromFile(path);
        }
        catch (Exception failure) when (failure is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw SealErrors.CertificateUnusable(
                path,
                Errors.CertificateUnusable_Unreadable_Part.With(failure.Message.TrimEnd('.')),
                failure
            );
        }
    }

    private static void Check(string recipient, X509Certificate2 certificate)
    {
        using var key = certificate.GetRSAPublicKey();
        if (key is null)
        {
            throw SealErrors.CertificateUnusable(
                recipient,
                certificate.PublicKey.Oid.FriendlyName is { } kind
                    ? Errors.CertificateUnusable_Key_Part.With(kind)
                    : Errors.CertificateUnusable_KeyUnknown_Part
            );
        }

        var usage = certificate.Extensions.OfType<X509KeyUsageExtension>().FirstOrDefault();
        if (usage is not null && (usage.KeyUsages & (X509KeyUsageFlags.KeyEncipherment | X509KeyUsageFlags.DataEncipherment)) == 0)
        {
            throw SealErrors.CertificateUnusable(recipient, Errors.CertificateUnusable_KeyUsage_Part.With(usage.KeyUsages));
        }

        if (Usages(certificate) is { } usages && !usages.Contains(DocumentEncryption) && !usages.Contains(AnyUsage))
        {
            throw SealErrors.CertificateUnusable(recipient, Errors.CertificateUnusable_ExtendedKeyUsage_Part);
        }
    }

    private static HashSet<string>? Usages(X509Certificate2 certificate) =>
        certificate.Extensions[ExtendedKeyUsage] is X509EnhancedKeyUsageExtension usages
            ? usages.EnhancedKeyUsages.Cast<Oid>().Select(o => o.Value!).ToHashSet(StringComparer.Ordinal)
            : null;
}
