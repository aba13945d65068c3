namespace EtcdDr.Engine.Snapshots;

/// <summary>The first blocks of a database, kept while it streams to another place, so that less of it is read back from there; of a small
/// one that is all.</summary>
internal sealed class DatabaseBeginning
{
    /// <summary>Bytes of a block.</summary>
    internal const int BlockBytes = 1024 * 1024;

    /// <summary>How many are kept.</summary>
    internal const int MostBlocks = 48;

    private readonly List<byte[]> _blocks = [];
    private int _filled = BlockBytes;

    /// <summary>Blocks in the order of the file; the last may be filled in part, where the file ends in it.</summary>
    internal IReadOnlyList<byte[]> Blocks => _blocks;

    /// <summary>Takes what follows, as far as there is room.</summary>
    internal void Append(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            if (_filled == BlockBytes)
            {
                if (_blocks.Count == MostBlocks)
                {
                    return;
                }

                _blocks.Add(GC.AllocateUninitializedArray<byte>(BlockBytes));
                _filled = 0;
            }

            var count = Math.Min(bytes.Length, BlockBytes - _filled);
            bytes[..count].CopyTo(_blocks[^1].AsSpan(_filled));
            _filled += count;
            bytes = bytes[count..];
        }
    }
}
