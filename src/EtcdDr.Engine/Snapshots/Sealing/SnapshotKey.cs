using System.Security.Cryptography;

namespace EtcdDr.Engine.Snapshots.Sealing;

/// <summary>The random key of one sealed snapshot, in memory until it is disposed.</summary>
internal sealed class SnapshotKey : IDisposable
{
    private readonly byte[] _bytes;

    private SnapshotKey(byte[] bytes) => _bytes = bytes;

    /// <summary>The key itself, to be wrapped.</summary>
    internal ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>A new random key.</summary>
    internal static SnapshotKey Create() => new(RandomNumberGenerator.GetBytes(SealedLayout.KeyLength));

    /// <summary>Takes a key over, which is 32 bytes long; the array becomes this object's.</summary>
    internal static SnapshotKey Of(byte[] bytes) => bytes.Length == SealedLayout.KeyLength
        ? new SnapshotKey(bytes)
        : throw new ArgumentException($"A snapshot key has {SealedLayout.KeyLength} bytes.", nameof(bytes));

    /// <summary>The key of a file with this header.</summary>
    internal byte[] ForFile(ReadOnlySpan<byte> header) => SealedLayout.FileKey(_bytes, header);

    /// <inheritdoc/>
    public void Dispose() => CryptographicOperations.ZeroMemory(_bytes);
}
