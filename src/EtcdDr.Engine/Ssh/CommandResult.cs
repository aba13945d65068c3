using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace EtcdDr.Engine.Ssh;

/// <summary>How a remote command ended.</summary>
/// <param name="ExitStatus">Its exit status: 0 or one of the accepted ones.</param>
/// <param name="StandardOutput">What it wrote to standard output; empty where that was streamed.</param>
/// <param name="StandardError">What it wrote to standard error, at most 64 KiB of it.</param>
public sealed record CommandResult(int ExitStatus, ReadOnlyMemory<byte> StandardOutput, string StandardError)
{
    /// <summary>Standard output as UTF-8 text.</summary>
    public string Text => Encoding.UTF8.GetString(StandardOutput.Span);

    /// <summary>Overwrites standard output, for results that held a key.</summary>
    public void Clear()
    {
        if (MemoryMarshal.TryGetArray(StandardOutput, out var bytes))
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }
}
