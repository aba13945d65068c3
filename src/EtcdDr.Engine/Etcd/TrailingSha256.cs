using System.Security.Cryptography;

namespace EtcdDr.Engine.Etcd;

/// <summary>
/// Hashes a stream of which nobody knows the end beforehand and whose last 32 bytes are the SHA-256 of all that stands before them, as
/// etcd's snapshots are. One pass gives both that hash and the hash of the whole.
/// </summary>
internal sealed class TrailingSha256 : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] _tail = new byte[SHA256.HashSizeInBytes];
    private int _tailLength;

    /// <summary>Bytes seen so far, the trailer among them.</summary>
    public long Length { get; private set; }

    /// <summary>Adds bytes. The last 32 are held back, since they may be the trailer.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        Length += bytes.Length;
        if (bytes.Length >= _tail.Length)
        {
            _hash.AppendData(_tail.AsSpan(0, _tailLength));
            _hash.AppendData(bytes[..^_tail.Length]);
            bytes[^_tail.Length..].CopyTo(_tail);
            _tailLength = _tail.Length;
            return;
        }

        var leaving = Math.Max(0, _tailLength + bytes.Length - _tail.Length);
        _hash.AppendData(_tail.AsSpan(0, leaving));
        _tail.AsSpan(leaving, _tailLength - leaving).CopyTo(_tail);
        bytes.CopyTo(_tail.AsSpan(_tailLength - leaving));
        _tailLength += bytes.Length - leaving;
    }

    /// <summary>Ends the stream.</summary>
    /// <returns>Whether the trailer is the hash of what stands before it, and the hash of the whole in lower-case hexadecimal.</returns>
    public (bool TrailerMatches, string Whole) Finish()
    {
        var body = _hash.GetCurrentHash();
        var matches = _tailLength == _tail.Length && CryptographicOperations.FixedTimeEquals(body, _tail);
        _hash.AppendData(_tail.AsSpan(0, _tailLength));
        return (matches, Convert.ToHexString(_hash.GetHashAndReset()).ToLowerInvariant());
    }

    /// <inheritdoc/>
    public void Dispose() => _hash.Dispose();
}
