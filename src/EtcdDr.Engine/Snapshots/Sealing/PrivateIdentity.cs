using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace EtcdDr.Engine.Snapshots.Sealing;

/// <summary>A private RSA key from a file, with its certificate where the file holds that too.</summary>
internal sealed class PrivateIdentity : IDisposable
{
    private PrivateIdentity(X509Certificate2? certificate, RSA key)
    {
        Certificate = certificate;
        Key = key;
    }

    /// <summary>The certificate, with the private key; null if the file holds the key alone.</summary>
    internal X509Certificate2? Certificate { get; }

    /// <summary>The private key.</summary>
    internal RSA Key { get; }

    /// <summary>Reads a PFX file, or a PEM file with a private key (PKCS#8, encrypted or not, or PKCS#1) and perhaps its
    /// certificate.</summary>
    /// <exception cref="EtcdDrException"><c>DecryptionKeyUnreadable</c>.</exception>
    internal static PrivateIdentity Load(string path, string? passphrase)
    {
        try
        {
            var content = File.ReadAllBytes(path);
            try
            {
                return content.AsSpan().IndexOf("-----BEGIN "u8) >= 0
                    ? FromPem(path, System.Text.Encoding.UTF8.GetString(content), passphrase)
                    : FromPfx(path, content, passphrase);
            }
            finally
            {
                CryptographicOperations.ZeroMemory(content);
            }
        }
        catch (Exception failure)
            when (failure is CryptographicException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            throw SealErrors.KeyUnreadable(path, failure.Message.TrimEnd('.'), failure);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Certificate?.Dispose();
        Key.Dispose();
    }

    private static PrivateIdentity FromPfx(string path, byte[] content, string? passphrase)
    {
        // In memory only, where the system can do that: on macOS a key must be in a keychain.
        var flags = OperatingSystem.IsMacOS() ? X509KeyStorageFlags.DefaultKeySet : X509KeyStorageFlags.EphemeralKeySet;
        var certificate = X509CertificateLoader.LoadPkcs12(content, passphrase, flags);
        if (certificate.GetRSAPrivateKey() is { } key)
        {
            return new PrivateIdentity(certificate, key);
        }

        certificate.Dispose();
        throw SealErrors.KeyUnreadable(path, Errors.DecryptionKeyUnreadable_NoRsaKey_Part);
    }

    private static PrivateIdentity FromPem(string path, string text, string? passphrase)
    {
        if (text.Contains("PRIVATE KEY-----", StringComparison.Ordinal) is false)
        {
            throw SealErrors.KeyUnreadable(path, Errors.DecryptionKeyUnreadable_NoKey_Part);
        }

        var key = RSA.Create();
        try
        {
            if (text.Contains("BEGIN ENCRYPTED PRIVATE KEY", StringComparison.Ordinal))
            {
                key.ImportFromEncryptedPem(
                    KeyBlock(text),
                    passphrase ?? throw SealErrors.KeyUnreadable(path, Errors.DecryptionKeyUnreadable_Encrypted_Part)
                );
            }
            else
            {
                key.ImportFromPem(KeyBlock(text));
            }

            return new PrivateIdentity(CertificateOf(text, key), key);
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    // The certificate may stand in the same file; the first whose public key it is.
    private static X509Certificate2? CertificateOf(string text, RSA key)
    {
        if (!text.Contains("BEGIN CERTIFICATE", StringComparison.Ordinal))
        {
            return null;
        }

        var certificates = new X509Certificate2Collection();
        certificates.ImportFromPem(text);
        var modulus = key.ExportParameters(includePrivateParameters: false).Modulus;
        foreach (var certificate in certificates)
        {
            using var own = certificate.GetRSAPublicKey();
            if (own?.ExportParameters(includePrivateParameters: false).Modulus.AsSpan().SequenceEqual(modulus) is true)
            {
                return certificate.CopyWithPrivateKey(key);
            }
        }

        return null;
    }

    private static ReadOnlySpan<char> KeyBlock(string text)
    {
        var rest = text.AsSpan();
        while (PemEncoding.TryFind(rest, out var found))
        {
            if (rest[found.Label].EndsWith("PRIVATE KEY"))
            {
                return rest[found.Location];
            }

            rest = rest[found.Location.End..];
        }

        throw new CryptographicException(Errors.DecryptionKeyUnreadable_NotWhole_Part);
    }
}
