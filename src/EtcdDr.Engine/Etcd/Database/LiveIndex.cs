using System.Numerics;
using System.Runtime.CompilerServices;

namespace EtcdDr.Engine.Etcd.Database;

/// <summary>
/// Which records are the latest version of a key that still exists. Records come in the order of revisions, numbered from 0. Memory: a bit
/// for each record, and 16 bytes for each slot of a hash table that never grows beyond <see cref="MaximumSlots"/>: where there are more
/// keys the table keeps a part of them (by hash), and the rest is settled by further passes over the records (<see cref="NextPass"/>).
/// </summary>
internal sealed class LiveIndex
{
    /// <summary>Bound of the table: 2^22 slots of 16 bytes are 64 MiB and serve about three million keys in one pass.</summary>
    internal const int DefaultMaximumSlots = 1 << 22;

    private readonly Stack<Part> _parts = new();
    private readonly int _maximumSlots;
    private Slot[] _slots;
    private int _used;
    private Part _part;
    private ulong[] _live = new ulong[16];

    internal LiveIndex(int maximumSlots = DefaultMaximumSlots)
    {
        _maximumSlots = maximumSlots;
        _slots = new Slot[Math.Min(256, maximumSlots)];
    }

    /// <summary>How many slots the table may have.</summary>
    internal int MaximumSlots => _maximumSlots;

    /// <summary>Whether one pass was enough so far.</summary>
    internal bool SinglePass => _part.Bits == 0 && _parts.Count == 0;

    /// <summary>Takes the next record; <paramref name="number"/> is below 2^32 - 1.</summary>
    internal void Add(KeyHash key, uint number, bool tombstone)
    {
        EnsureRecord(number);
        if (!_part.Holds(key.High))
        {
            return;
        }

        ref var slot = ref Find(_slots, key);
        if (slot.NumberPlusOne != 0)
        {
            Clear(slot.NumberPlusOne - 1);
            slot.NumberPlusOne = number + 1;
        }
        else
        {
            slot = new Slot(key.High, key.Low, number + 1);
            _used++;
        }

        if (!tombstone)
        {
            Set(number);
        }

        if (_used * 4L > _slots.Length * 3L)
        {
            Grow();
        }
    }

    /// <summary>Begins a further pass over the same records, if there are keys that were not settled yet.</summary>
    internal bool NextPass()
    {
        if (!_parts.TryPop(out _part))
        {
            // The table is not needed any more; the bits are.
            _slots = [];
            _used = 0;
            return false;
        }

        Array.Clear(_slots);
        _used = 0;
        return true;
    }

    /// <summary>Whether a record is the latest version of a key that exists.</summary>
    internal bool IsLive(long number) => (number >> 6) < _live.Length && (_live[number >> 6] >> (int)(number & 63) & 1) != 0;

    /// <summary>How many keys exist.</summary>
    internal long Count()
    {
        var count = 0L;
        foreach (var word in _live)
        {
            count += BitOperations.PopCount(word);
        }

        return count;
    }

    /// <summary>The bits as they are now; the copy takes no further records.</summary>
    internal LiveIndex Freeze() => new(0) { _live = (ulong[])_live.Clone(), _slots = [] };

    private static ref Slot Find(Slot[] slots, KeyHash key)
    {
        var mask = slots.Length - 1;
        // The table's place comes from other bits than the part does.
        var place = (int)((key.High ^ ((ulong)key.Low << 7)) & (ulong)mask);
        while (slots[place].NumberPlusOne != 0 && (slots[place].High != key.High || slots[place].Low != key.Low))
        {
            place = (place + 1) & mask;
        }

        return ref slots[place];
    }

    private void Grow()
    {
        var old = _slots;
        if (old.Length < _maximumSlots)
        {
            _slots = new Slot[old.Length * 2];
        }
        else
        {
            // Half of the keys stay in this pass; the other half is for a later one.
            var bits = _part.Bits + 1;
            _parts.Push(new Part(bits, _part.Value | 1UL << _part.Bits));
            _part = new Part(bits, _part.Value);
            _slots = new Slot[old.Length];
        }

        _used = 0;
        foreach (ref var slot in old.AsSpan())
        {
            if (slot.NumberPlusOne == 0)
            {
                continue;
            }

            if (!_part.Holds(slot.High))
            {
                Clear(slot.NumberPlusOne - 1);
                continue;
            }

            Find(_slots, new KeyHash(slot.High, slot.Low)) = slot;
            _used++;
        }
    }

    private void EnsureRecord(uint number)
    {
        var words = (int)(number >> 6) + 1;
        if (words > _live.Length)
        {
            Array.Resize(ref _live, Math.Max(words, _live.Length * 2));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Set(uint number) => _live[number >> 6] |= 1UL << (int)(number & 63);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Clear(uint number) => _live[number >> 6] &= ~(1UL << (int)(number & 63));

    // 16 bytes. NumberPlusOne is 0 in a free slot.
    private record struct Slot(ulong High, uint Low, uint NumberPlusOne);

    // Keys whose hash ends in these bits, from bit 40 on so that the place in the table stays spread.
    private readonly record struct Part(int Bits, ulong Value)
    {
        internal bool Holds(ulong high) => ((high >> 40) & ((1UL << Bits) - 1)) == Value;
    }
}
