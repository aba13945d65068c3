using System.Runtime.InteropServices;
using System.Security;
using System.Security.Cryptography;
using System.Text;

namespace EtcdDr.Engine.Ssh.Keys;

/// <summary>Takes secrets out of <see cref="SecureString"/> for the moment in which they are used.</summary>
internal static class Secrets
{
    /// <summary>The secret as a string, where a library takes nothing else.</summary>
    public static string Reveal(SecureString secret)
    {
        var memory = Marshal.SecureStringToGlobalAllocUnicode(secret);
        try
        {
            return Marshal.PtrToStringUni(memory, secret.Length);
        }
        finally
        {
            Marshal.ZeroFreeGlobalAllocUnicode(memory);
        }
    }

    /// <summary>The secret and a line feed, in UTF-8. The caller clears it with <see cref="CryptographicOperations.ZeroMemory"/>.</summary>
    public static byte[] RevealLine(SecureString secret)
    {
        var characters = new char[secret.Length + 1];
        var memory = Marshal.SecureStringToGlobalAllocUnicode(secret);
        try
        {
            Marshal.Copy(memory, characters, 0, secret.Length);
            characters[^1] = '\n';
            return Encoding.UTF8.GetBytes(characters);
        }
        finally
        {
            Array.Clear(characters);
            Marshal.ZeroFreeGlobalAllocUnicode(memory);
        }
    }
}
