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
    internal static SnapshotKey Of(byte[] bytes) =>
        bytes.Length == SealedLayout.KeyLength
            ? new SnapshotKey(bytes)
            : throw new ArgumentException($"A snapshot key has {SealedLayout.KeyLength} bytes.", nameof(bytes));

    /// <summary>The key that the files are sealed with in format version 3: this one and what stands readable give it.</summary>
    internal SnapshotKey BoundTo(SealedReadable readable) => new(SealedLayout.BoundKey(_bytes, readable));

    /// <summary>The key of a file with this header.</summary>
    /// <param name="header">The file's header.</param>
    /// <param name="path">Its path when it is open; it matters for those that a restore keeps.</param>
    internal byte[] ForFile(ReadOnlySpan<byte> header, string path) => SealedLayout.FileKey(_bytes, header, path);

    /// <inheritdoc/>
    public void Dispose() => CryptographicOperations.ZeroMemory(_bytes);
}
