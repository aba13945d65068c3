using System.Security;
using Renci.SshNet;
using Renci.SshNet.Common;
using Renci.SshNet.Security;

namespace EtcdDr.Engine.Ssh.Keys;

/// <summary>Loads private key files: OpenSSH, PEM, PKCS#8, PuTTY 2 and 3; with a certificate if one stands beside.</summary>
internal static class PrivateKeyLoader
{
    /// <summary>Loads a key that is known to be there.</summary>
    /// <param name="path">The file.</param>
    /// <param name="passphrase">Its passphrase; null if none was given.</param>
    /// <param name="certificates">Certificate files to look for this key's certificate in.</param>
    /// <exception cref="EtcdDrException">
    /// <c>KeyFileInvalid</c>, <c>KeyEncryptionUnsupported</c>, <c>KeyPassphraseRequired</c>, <c>KeyPassphraseWrong</c>,
    /// <c>KeyFileUnreadable</c>.
    /// </exception>
    public static KeySource Load(string path, SecureString? passphrase, IEnumerable<string> certificates)
    {
        var text = ReadText(path);
        if (PrivateKeyFormat.UsesScrypt(text))
            throw KeyErrors.EncryptionUnsupported(path);

        var encrypted = PrivateKeyFormat.IsEncrypted(text);
        if (encrypted && passphrase is null or { Length: 0 })
            throw KeyErrors.PassphraseRequired(path);

        var key = Parse(path, text, encrypted ? Secrets.Reveal(passphrase!) : null);
        var plain = Algorithm(key);
        var offers = new List<HostAlgorithm>();
        foreach (var certificate in certificates.Where(File.Exists))
        {
            if (CertificateFile.Read(certificate) is { } found && found.Certifies(plain.Data))
                offers.Add(found.SignedWith(key.Key));
        }

        offers.Add(plain);
        return new KeySource(path, plain.Data, offers, key);
    }

    /// <summary>
    /// The algorithm that a key is offered with. For RSA that is SHA-512 alone: every server since OpenSSH 7.2 (2016) takes it, and SHA-1,
    /// which SSH.NET would try first, is refused by today's.
    /// </summary>
    internal static KeyHostAlgorithm Algorithm(PrivateKeyFile key) =>
        (KeyHostAlgorithm)(
            key.HostKeyAlgorithms.FirstOrDefault(algorithm => algorithm.Name == "rsa-sha2-512") ?? key.HostKeyAlgorithms.First()
        );

    private static string ReadText(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw KeyErrors.Unreadable(path, e);
        }
    }

    // Parsers and ciphers report damage by whatever exception they stumble over: bad base64, ASN.1, padding, lengths.
    private static PrivateKeyFile Parse(string path, string text, string? passphrase)
    {
        try
        {
            using var stream = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(text));
            return new PrivateKeyFile(stream, passphrase);
        }
        catch (SshPassPhraseNullOrEmptyException)
        {
            throw KeyErrors.PassphraseRequired(path);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            throw passphrase is null ? KeyErrors.Invalid(path, e) : KeyErrors.PassphraseWrong(path, e);
        }
    }
}
