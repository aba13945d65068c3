using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;

namespace EtcdDr.Engine.Snapshots.Sealing;

/// <summary>Unwraps the key of a sealed snapshot with a private key of one of its recipients.</summary>
internal sealed class SnapshotUnsealer(string snapshot, SnapshotSeal seal)
{
    /// <summary>Unwraps it.</summary>
    /// <param name="decryption">The private key; null, or one that names nothing, to look for a recipient's in the certificate
    /// store.</param>
    /// <exception cref="EtcdDrException">
    /// <c>SnapshotKeyMissing</c>, <c>SnapshotKeyWrong</c>, <c>DecryptionKeyUnreadable</c>; <c>SnapshotAltered</c>: the wrapped key is
    /// damaged.
    /// </exception>
    internal SnapshotKey Unseal(SnapshotDecryption? decryption)
    {
        var envelope = Decode();
        if (decryption?.With is not { } with)
        {
            using var found = new DisposableList(SealCertificates.FromStore(c => c.HasPrivateKey && RecipientOf(envelope, c) is not null));
            return found.Items is [var first, ..]
                ? Open(envelope, first, first.Subject)
                : throw SealErrors.KeyMissing(snapshot, seal.Recipients);
        }

        if (!File.Exists(with))
        {
            return FromStore(envelope, with);
        }

        using var identity = PrivateIdentity.Load(
            with,
            decryption.Passphrase is null ? null : new NetworkCredential(string.Empty, decryption.Passphrase).Password
        );
        return identity.Certificate is { } certificate ? Open(envelope, certificate, with) : TryAll(envelope, identity.Key, with);
    }

    /// <summary>Unwraps it with a key of which it is not known whose it is.</summary>
    internal SnapshotKey Unseal(RSA key, string name) => TryAll(Decode(), key, name);

    private static RecipientInfo? RecipientOf(EnvelopedCms envelope, X509Certificate2 certificate) =>
        envelope.RecipientInfos.Cast<RecipientInfo>().FirstOrDefault(r => r.RecipientIdentifier.MatchesCertificate(certificate));

    private EnvelopedCms Decode()
    {
        try
        {
            var envelope = new EnvelopedCms();
            envelope.Decode(seal.Key);
            return envelope;
        }
        catch (Exception failure) when (failure is CryptographicException or FormatException or ArgumentException)
        {
            throw Damaged(failure);
        }
    }

    private SnapshotKey FromStore(EnvelopedCms envelope, string name)
    {
        using var found = new DisposableList(SealCertificates.Named(name));
        var keys = found.Items.Where(c => c.HasPrivateKey).ToList();
        return keys.Count == 0
            ? throw SealErrors.KeyUnreadable(name, Errors.DecryptionKeyUnreadable_NotFound_Part)
            : Open(envelope, keys.Find(c => RecipientOf(envelope, c) is not null) ?? keys[0], name);
    }

    private SnapshotKey Open(EnvelopedCms envelope, X509Certificate2 certificate, string name)
    {
        var recipient = RecipientOf(envelope, certificate) ?? throw SealErrors.KeyWrong(snapshot, name, seal.Recipients);
        using var key = PrivateKeyOf(certificate, name);
        try
        {
            return Decrypt(envelope, recipient, key);
        }
        catch (CryptographicException failure)
        {
            // A recipient's key, and it does not fit: either the wrapped key is damaged, or the certificate only looks like the
            // recipient's.
            throw Damaged(failure);
        }
    }

    // A key alone does not say whose it is.
    private SnapshotKey TryAll(EnvelopedCms envelope, RSA key, string name)
    {
        foreach (var recipient in envelope.RecipientInfos)
        {
            try
            {
                return Decrypt(envelope, recipient, key);
            }
            catch (CryptographicException)
            {
                // It is not this recipient's.
            }
        }

        throw SealErrors.KeyWrong(snapshot, name, seal.Recipients);
    }

    private SnapshotKey Decrypt(EnvelopedCms envelope, RecipientInfo recipient, RSA key)
    {
        envelope.Decrypt(recipient, key);
        var content = envelope.ContentInfo.Content;
        if (content.Length != SealedLayout.KeyLength)
        {
            throw Damaged(null);
        }

        return SnapshotKey.Of(content);
    }

    private static RSA PrivateKeyOf(X509Certificate2 certificate, string name)
    {
        try
        {
            return certificate.GetRSAPrivateKey()
                ?? throw SealErrors.KeyUnreadable(name, Errors.DecryptionKeyUnreadable_StoreNoRsaKey_Part);
        }
        catch (CryptographicException failure)
        {
            throw SealErrors.KeyUnreadable(name, failure.Message.TrimEnd('.'), failure);
        }
    }

    private EtcdDrException Damaged(Exception? error) =>
        new(
            "SnapshotAltered",
            EtcdDrErrorCategory.InvalidData,
            Errors.SnapshotAltered_WrappedKey.With(snapshot, SnapshotManifest.FileName),
            Errors.SnapshotAltered_WrappedKey_Action,
            snapshot,
            error
        );

    private sealed class DisposableList(List<X509Certificate2> items) : IDisposable
    {
        public List<X509Certificate2> Items => items;

        public void Dispose() => items.ForEach(i => i.Dispose());
    }
}
