using System.Buffers.Binary;
using System.Formats.Asn1;
using System.Text;

namespace EtcdDr.Engine.Ssh.Keys;

/// <summary>What can be told of a private key file without opening it.</summary>
internal static class PrivateKeyFormat
{
    private const string EncryptedBegin = "-----BEGIN ENCRYPTED PRIVATE KEY-----";
    private const string EncryptedEnd = "-----END ENCRYPTED PRIVATE KEY-----";

    // RFC 8018, PBES2; RFC 7914, scrypt.
    private const string Pbes2 = "1.2.840.113549.1.5.13";
    private const string Scrypt = "1.3.6.1.4.1.11591.4.11";

    private const string OpenSshBegin = "-----BEGIN OPENSSH PRIVATE KEY-----";
    private const string OpenSshEnd = "-----END OPENSSH PRIVATE KEY-----";
    private const string OpenSshMagic = "openssh-key-v1\0";

    /// <summary>Whether the key asks for a passphrase. Text that is no key at all does not.</summary>
    public static bool IsEncrypted(string text)
    {
        if (text.StartsWith("PuTTY-User-Key-File", StringComparison.Ordinal))
            return !text.Contains("\nEncryption: none", StringComparison.Ordinal);

        return text.Contains("BEGIN ENCRYPTED PRIVATE KEY", StringComparison.Ordinal)
            || text.Contains("Proc-Type: 4,ENCRYPTED", StringComparison.Ordinal)
            || OpenSshCipher(text) is not (null or "none");
    }

    /// <summary>Whether the key is encrypted PKCS#8 whose passphrase goes through scrypt, which no library here opens. Damaged text does
    /// not count.</summary>
    public static bool UsesScrypt(string text)
    {
        if (Decode(text, EncryptedBegin, EncryptedEnd) is not { } bytes)
            return false;

        try
        {
            // EncryptedPrivateKeyInfo { { PBES2, { { key derivation, ... }, encryption } }, data }
            var algorithm = new AsnReader(bytes, AsnEncodingRules.BER).ReadSequence().ReadSequence();
            return algorithm.ReadObjectIdentifier() == Pbes2 && algorithm.ReadSequence().ReadSequence().ReadObjectIdentifier() == Scrypt;
        }
        catch (AsnContentException)
        {
            return false;
        }
    }

    private static byte[]? Decode(string text, string beginMark, string endMark)
    {
        var begin = text.IndexOf(beginMark, StringComparison.Ordinal);
        var end = text.IndexOf(endMark, StringComparison.Ordinal);
        if (begin < 0 || end < begin)
            return null;

        var base64 = text[(begin + beginMark.Length)..end];
        var buffer = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, buffer, out var length) ? buffer[..length] : null;
    }

    // OpenSSH's PROTOCOL.key: magic, string ciphername, ...
    private static string? OpenSshCipher(string text)
    {
        var bytes = (Decode(text, OpenSshBegin, OpenSshEnd) ?? []).AsSpan();
        if (bytes.Length < OpenSshMagic.Length + 4 || Encoding.ASCII.GetString(bytes[..OpenSshMagic.Length]) != OpenSshMagic)
            return null;

        var rest = bytes[OpenSshMagic.Length..];
        var size = BinaryPrimitives.ReadUInt32BigEndian(rest);
        return size <= rest.Length - 4 ? Encoding.ASCII.GetString(rest.Slice(4, (int)size)) : null;
    }
}
