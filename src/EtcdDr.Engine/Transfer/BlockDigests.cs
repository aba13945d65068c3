using System.Security.Cryptography;

namespace EtcdDr.Engine.Transfer;

/// <summary>
/// SHA-256 of a file's blocks and of the whole of it, gathered while its bytes pass. Bytes may pass again (a block that is sent twice): each block
/// and the whole are counted once.
/// </summary>
internal sealed class BlockDigests : IDisposable
{
    private readonly IncrementalHash _block = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly IncrementalHash _whole = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly string?[] _sums;
    private long _wholeEnd;

    public BlockDigests(long length, int blockSize)
    {
        Length = length;
        BlockSize = blockSize;
        _sums = new string?[(length + blockSize - 1) / blockSize];
    }

    /// <summary>Length of the file.</summary>
    public long Length { get; }

    /// <summary>Size of a block; the last may be shorter.</summary>
    public int BlockSize { get; }

    /// <summary>How many blocks there are.</summary>
    public int Count => _sums.Length;

    /// <summary>A block's sum; null while it has not passed.</summary>
    public string? this[int block] => Volatile.Read(ref _sums[block]);

    /// <summary>Takes the bytes at a position. After a block's first byte its others follow; the first pass leaves nothing out.</summary>
    public void Feed(long position, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var block = (int)(position / BlockSize);
            var inBlock = (int)(position % BlockSize);
            var part = bytes[..(int)Math.Min(bytes.Length, BlockSize - inBlock)];
            FeedBlock(block, inBlock, part);
            FeedWhole(position, part);
            position += part.Length;
            bytes = bytes[part.Length..];
        }
    }

    /// <summary>SHA-256 of the whole file; null if not all of it has passed.</summary>
    public string? Whole() => _wholeEnd == Length ? Hex(_whole.GetCurrentHash()) : null;

    /// <inheritdoc/>
    public void Dispose()
    {
        _block.Dispose();
        _whole.Dispose();
    }

    private static string Hex(byte[] hash) => Convert.ToHexString(hash).ToLowerInvariant();

    private void FeedBlock(int block, int inBlock, ReadOnlySpan<byte> part)
    {
        if (_sums[block] is not null)
        {
            return;
        }

        if (inBlock == 0)
        {
            _ = _block.GetHashAndReset();
        }

        _block.AppendData(part);
        var end = Math.Min(BlockSize, Length - ((long)block * BlockSize));
        if (inBlock + part.Length == end)
        {
            Volatile.Write(ref _sums[block], Hex(_block.GetHashAndReset()));
        }
    }

    private void FeedWhole(long position, ReadOnlySpan<byte> part)
    {
        var known = _wholeEnd - position;
        if (known < 0 || known >= part.Length)
        {
            return;
        }

        _whole.AppendData(part[(int)known..]);
        _wholeEnd = position + part.Length;
    }
}
