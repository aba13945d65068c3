using System.Security.Cryptography;

namespace EtcdDr.Engine.Transfer;

/// <summary>SHA-256 of a file while its bytes pass, from its beginning. Bytes may pass again (what is sent twice): each is counted
/// once.</summary>
internal sealed class RunningSum : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>How many bytes have been counted.</summary>
    public long Length { get; private set; }

    /// <summary>Takes the bytes at a position; the first pass leaves nothing out.</summary>
    public void Feed(long position, ReadOnlySpan<byte> bytes)
    {
        var known = Length - position;
        if (known < 0 || known >= bytes.Length)
        {
            return;
        }

        _hash.AppendData(bytes[(int)known..]);
        Length = position + bytes.Length;
    }

    /// <summary>The sum of what was counted: 64 lower-case hexadecimal digits.</summary>
    public string Current() => Convert.ToHexString(_hash.GetCurrentHash()).ToLowerInvariant();

    /// <inheritdoc/>
    public void Dispose() => _hash.Dispose();
}
