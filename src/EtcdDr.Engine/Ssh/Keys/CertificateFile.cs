using System.Security.Cryptography;
using Renci.SshNet.Security;
using Renci.SshNet.Security.Cryptography;

namespace EtcdDr.Engine.Ssh.Keys;

/// <summary>A certificate of the user (<c>id_x-cert.pub</c>).</summary>
internal sealed class CertificateFile
{
    private readonly Certificate _certificate;

    private CertificateFile(Certificate certificate, byte[] blob)
    {
        _certificate = certificate;
        Blob = blob;
    }

    /// <summary>The certificate in SSH's encoding.</summary>
    public byte[] Blob { get; }

    /// <summary>Its type, for example <c>ssh-ed25519-cert-v01@openssh.com</c>.</summary>
    public string Type => _certificate.Name;

    /// <summary>Reads a file of the form <c>type base64 comment</c>.</summary>
    /// <exception cref="EtcdDrException"><c>CertificateFileInvalid</c>.</exception>
    public static CertificateFile Read(string path)
    {
        try
        {
            var words = File.ReadAllText(path).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            var blob = Convert.FromBase64String(words[1]);
            return new CertificateFile(new Certificate(blob), blob);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            throw KeyErrors.CertificateInvalid(path, e);
        }
    }

    /// <summary>Whether it certifies a public key, given in SSH's encoding.</summary>
    public bool Certifies(ReadOnlySpan<byte> publicKey)
    {
        var key = _certificate.Key;
        var certified = new KeyHostAlgorithm(key is RsaKey ? "ssh-rsa" : key.ToString()!, key).Data;
        return publicKey.SequenceEqual(certified);
    }

    /// <summary>What is offered to a server: the certificate, with signatures by its key.</summary>
    public HostAlgorithm SignedWith(Key key) =>
        key is RsaKey rsa
            ? new CertificateHostAlgorithm(
                "rsa-sha2-512-cert-v01@openssh.com",
                key,
                _certificate,
                new RsaDigitalSignature(rsa, HashAlgorithmName.SHA512)
            )
            : new CertificateHostAlgorithm(Type, key, _certificate);
}
