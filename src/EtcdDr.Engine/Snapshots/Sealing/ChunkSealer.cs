using System.Security.Cryptography;

namespace EtcdDr.Engine.Snapshots.Sealing;

/// <summary>Seals and opens the chunks of one file. For one thread.</summary>
internal sealed class ChunkSealer : IDisposable
{
    private readonly byte[] _header;
    private readonly AesGcm _cipher;

    /// <summary>Derives the file's key.</summary>
    internal ChunkSealer(SnapshotKey key, byte[] header, string path)
    {
        _header = header;
        var own = key.ForFile(header, path);
        _cipher = new AesGcm(own, SealedLayout.TagLength);
        CryptographicOperations.ZeroMemory(own);
    }

    /// <summary>Seals a chunk; <paramref name="target"/> takes it and its tag.</summary>
    internal void Seal(long chunk, bool last, ReadOnlySpan<byte> plain, Span<byte> target)
    {
        Span<byte> nonce = stackalloc byte[SealedLayout.NonceLength];
        Span<byte> associated = stackalloc byte[SealedLayout.AssociatedLength];
        SealedLayout.Nonce(nonce, chunk);
        SealedLayout.Associated(associated, _header, chunk, last);
        _cipher.Encrypt(nonce, plain, target[..plain.Length], target.Slice(plain.Length, SealedLayout.TagLength), associated);
    }

    /// <summary>Opens a chunk. Where it returns false the chunk is not what was sealed, and <paramref name="plain"/> holds nothing of
    /// it.</summary>
    internal bool TryOpen(long chunk, bool last, ReadOnlySpan<byte> content, Span<byte> plain)
    {
        Span<byte> nonce = stackalloc byte[SealedLayout.NonceLength];
        Span<byte> associated = stackalloc byte[SealedLayout.AssociatedLength];
        SealedLayout.Nonce(nonce, chunk);
        SealedLayout.Associated(associated, _header, chunk, last);
        try
        {
            _cipher.Decrypt(nonce, content[..plain.Length], content[plain.Length..], plain, associated);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            plain.Clear();
            return false;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _cipher.Dispose();
}
