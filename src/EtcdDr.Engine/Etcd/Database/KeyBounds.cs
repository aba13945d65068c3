namespace EtcdDr.Engine.Etcd.Database;

/// <summary>What the branches above allow below them.</summary>
internal readonly ref struct KeyBounds(ReadOnlySpan<byte> low, ReadOnlySpan<byte> high, bool hasHigh)
{
    private readonly ReadOnlySpan<byte> _low = low;
    private readonly ReadOnlySpan<byte> _high = high;

    /// <summary>Whether there is an upper bound.</summary>
    internal bool HasHigh { get; } = hasHigh;

    /// <summary>Keys are less than this, if <see cref="HasHigh"/>.</summary>
    internal ReadOnlySpan<byte> High => _high;

    /// <summary>Fails if the first or the last key of a page is out of bounds.</summary>
    internal void Check(BoltFile file, ulong page, ReadOnlySpan<byte> first, ReadOnlySpan<byte> last)
    {
        if (first.SequenceCompareTo(_low) < 0 || (HasHigh && last.SequenceCompareTo(_high) >= 0))
        {
            throw file.Damaged(Errors.DatabaseDamaged_KeysOutOfBounds_Part.With(page));
        }
    }
}
