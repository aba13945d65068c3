using System.Buffers.Binary;
using System.Text;

namespace EtcdDr.Engine.Ssh.Keys;

/// <summary>What can be told of a private key file without opening it.</summary>
internal static class PrivateKeyFormat
{
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

    // OpenSSH's PROTOCOL.key: magic, string ciphername, ...
    private static string? OpenSshCipher(string text)
    {
        var begin = text.IndexOf(OpenSshBegin, StringComparison.Ordinal);
        var end = text.IndexOf(OpenSshEnd, StringComparison.Ordinal);
        if (begin < 0 || end < begin)
            return null;

        var base64 = text[(begin + OpenSshBegin.Length)..end];
        var buffer = new byte[base64.Length];
        if (!Convert.TryFromBase64String(base64, buffer, out var length))
            return null;

        var bytes = buffer.AsSpan(0, length);
        if (length < OpenSshMagic.Length + 4 || Encoding.ASCII.GetString(bytes[..OpenSshMagic.Length]) != OpenSshMagic)
            return null;

        var rest = bytes[OpenSshMagic.Length..];
        var size = BinaryPrimitives.ReadUInt32BigEndian(rest);
        return size <= rest.Length - 4 ? Encoding.ASCII.GetString(rest.Slice(4, (int)size)) : null;
    }
}
