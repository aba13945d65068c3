using System.Security.Cryptography;
using System.Text;

namespace EtcdDr.Engine.Ssh.HostKeys;

/// <summary>Host names that known_hosts holds hashed: <c>|1|salt|HMAC-SHA1(salt, name)</c>, both in base64 (sshd(8), "SSH_KNOWN_HOSTS FILE
/// FORMAT").</summary>
internal static class HashedHostName
{
    /// <summary>Whether a hashed name is the hash of this name.</summary>
    public static bool Matches(string hashed, string name)
    {
        var parts = hashed.Split('|');
        if (parts.Length != 4 || parts[1] != "1" || Decode(parts[2]) is not { } salt || Decode(parts[3]) is not { } hash)
            return false;

        // The format's own algorithm; it hides names and secures nothing.
#pragma warning disable CA5350
        return HMACSHA1.HashData(salt, Encoding.UTF8.GetBytes(name)).AsSpan().SequenceEqual(hash);
#pragma warning restore CA5350
    }

    private static byte[]? Decode(string base64)
    {
        var bytes = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, bytes, out var length) ? bytes[..length] : null;
    }
}
