using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;

namespace EtcdDr.Engine.Snapshots.Sealing;

/// <summary>Seals one snapshot: its random key, and the certificates that it is wrapped for.</summary>
internal sealed class SnapshotSealer : IDisposable
{
    // AES-256-CBC; what it holds is the key, and a key that was altered opens nothing.
    private const string Aes256Cbc = "2.16.840.1.101.3.4.1.42";

    private readonly List<X509Certificate2> _certificates;

    private SnapshotSealer(List<X509Certificate2> certificates) => _certificates = certificates;

    /// <summary>The key.</summary>
    internal SnapshotKey Key { get; } = SnapshotKey.Create();

    /// <summary>Warnings about the certificates.</summary>
    internal IReadOnlyList<string> Warnings =>
        _certificates
            .Where(c => c.NotAfter < DateTime.Now)
            .Select(c =>
                $"The certificate {SealRecipient.Of(c)} that the snapshot is sealed to expired on "
                + $"{c.NotAfter.ToUniversalTime():yyyy-MM-dd}; its key opens the snapshot all the same."
            )
            .ToList();

    /// <summary>Finds the certificates.</summary>
    /// <exception cref="EtcdDrException"><c>CertificateNotFound</c>, <c>CertificateUnusable</c>.</exception>
    internal static SnapshotSealer For(IEnumerable<string> recipients)
    {
        var certificates = recipients.SelectMany(SealCertificates.Find).DistinctBy(c => c.Thumbprint, StringComparer.Ordinal).ToList();
        return new SnapshotSealer(certificates);
    }

    /// <summary>Seals to certificates that are at hand, which become this object's.</summary>
    internal static SnapshotSealer For(IEnumerable<X509Certificate2> certificates) => new(certificates.ToList());

    /// <summary>What the readable manifest says, with the key wrapped for each recipient.</summary>
    /// <param name="manifest">Path of the sealed manifest.</param>
    internal SnapshotSeal Seal(string manifest)
    {
        var recipients = new CmsRecipientCollection();
        foreach (var certificate in _certificates)
        {
            recipients.Add(new CmsRecipient(SubjectIdentifierType.IssuerAndSerialNumber, certificate, RSAEncryptionPadding.OaepSHA256));
        }

        var bytes = Key.Bytes.ToArray();
        try
        {
            var envelope = new EnvelopedCms(new ContentInfo(bytes), new AlgorithmIdentifier(new Oid(Aes256Cbc)));
            envelope.Encrypt(recipients);
            return new SnapshotSeal
            {
                Key = envelope.Encode(),
                Manifest = manifest,
                Recipients = _certificates.ConvertAll(SealRecipient.Of),
            };
        }
        catch (CryptographicException failure)
        {
            throw SealErrors.CertificateUnusable(
                string.Join(", ", _certificates.Select(c => c.Subject)),
                failure.Message.TrimEnd('.'),
                failure
            );
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Key.Dispose();
        _certificates.ForEach(c => c.Dispose());
    }
}
