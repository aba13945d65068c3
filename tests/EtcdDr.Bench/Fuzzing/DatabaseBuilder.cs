using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using EtcdDr.Engine.Etcd.Database;

namespace EtcdDr.Bench.Fuzzing;

/// <summary>
/// Writes small databases in bbolt's format, for tests that need one without an etcd: any page size, with or without a list of free pages,
/// buckets inline or in trees. What it writes is what the tests of the reader against real etcd prove to be right.
/// </summary>
public sealed class DatabaseBuilder(int pageSize = 4096)
{
    private const int Header = 16;
    private readonly SortedDictionary<string, SortedDictionary<byte[], byte[]>> _buckets = new(StringComparer.Ordinal);
    private readonly List<byte[]> _pages = [];
    private long _revision = 1;

    /// <summary>Whether free pages are listed, as bbolt does by default and etcd on Linux does not.</summary>
    public bool WithFreelist { get; init; }

    /// <summary>Pages that are free.</summary>
    public int FreePages { get; init; } = 3;

    /// <summary>The revision of the last record.</summary>
    public long Revision => _revision;

    /// <summary>Puts an entry into a bucket.</summary>
    public DatabaseBuilder Set(string bucket, byte[] key, byte[] value)
    {
        if (!_buckets.TryGetValue(bucket, out var entries))
        {
            _buckets[bucket] = entries = new SortedDictionary<byte[], byte[]>(
                Comparer<byte[]>.Create((a, b) => a.AsSpan().SequenceCompareTo(b))
            );
        }

        entries[key] = value;
        return this;
    }

    /// <summary>Writes a version of a key at the next revision.</summary>
    public DatabaseBuilder Put(string key, byte[] value, long create = 0, long version = 1, long lease = 0)
    {
        _revision++;
        using var message = new MemoryStream();
        Field(message, 1, Encoding.UTF8.GetBytes(key));
        Field(message, 2, (ulong)(create == 0 ? _revision : create));
        Field(message, 3, (ulong)_revision);
        Field(message, 4, (ulong)version);
        Field(message, 5, value);
        if (lease != 0)
        {
            Field(message, 6, (ulong)lease);
        }

        return Set("key", RevisionKey(_revision, false), message.ToArray());
    }

    /// <summary>Writes the deletion of a key at the next revision.</summary>
    public DatabaseBuilder Delete(string key)
    {
        _revision++;
        using var message = new MemoryStream();
        Field(message, 1, Encoding.UTF8.GetBytes(key));
        return Set("key", RevisionKey(_revision, true), message.ToArray());
    }

    /// <summary>Records a compaction, without removing anything.</summary>
    public DatabaseBuilder Compacted(long revision) => Set("meta", "finishedCompactRev"u8.ToArray(), RevisionKey(revision, false));

    /// <summary>The file, with etcd's SHA-256 at its end if wanted.</summary>
    public byte[] Build(bool trailer = true)
    {
        _pages.Clear();
        _pages.AddRange([new byte[pageSize], new byte[pageSize]]);
        var freelist = WithFreelist ? Allocate(1) : ulong.MaxValue;
        var free = Enumerable.Range(0, FreePages).Select(_ => Allocate(1)).ToArray();
        var root = Tree(_buckets.Select(b => (Encoding.UTF8.GetBytes(b.Key), Bucket(b.Value))).ToList(), 1);
        if (WithFreelist)
        {
            var page = _pages[(int)freelist].AsSpan();
            WriteHeader(page, freelist, 0x10, free.Length, 0);
            for (var i = 0; i < free.Length; i++)
            {
                BinaryPrimitives.WriteUInt64LittleEndian(page[(Header + (8 * i))..], free[i]);
            }
        }

        for (var i = 0; i < 2; i++)
        {
            WriteMeta(i, root, freelist);
        }

        byte[] file = [.. _pages.SelectMany(p => p)];
        return trailer ? [.. file, .. SHA256.HashData(file)] : file;
    }

    private static byte[] RevisionKey(long main, bool tombstone)
    {
        var key = new byte[tombstone ? 18 : 17];
        BinaryPrimitives.WriteInt64BigEndian(key, main);
        key[8] = (byte)'_';
        if (tombstone)
        {
            key[17] = (byte)'t';
        }

        return key;
    }

    private static void Field(MemoryStream message, int number, ulong value)
    {
        message.WriteByte((byte)(number << 3));
        Varint(message, value);
    }

    private static void Field(MemoryStream message, int number, byte[] value)
    {
        message.WriteByte((byte)((number << 3) | 2));
        Varint(message, (ulong)value.Length);
        message.Write(value);
    }

    private static void Varint(MemoryStream message, ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            message.WriteByte((byte)(value | 0x80));
        }

        message.WriteByte((byte)value);
    }

    private static void WriteHeader(Span<byte> page, ulong id, ushort flags, int count, int overflow)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(page, id);
        BinaryPrimitives.WriteUInt16LittleEndian(page[8..], flags);
        BinaryPrimitives.WriteUInt16LittleEndian(page[10..], (ushort)count);
        BinaryPrimitives.WriteUInt32LittleEndian(page[12..], (uint)overflow);
    }

    // As bbolt: inline where one leaf of at most a quarter of a page holds all; else a tree of its own.
    private byte[] Bucket(SortedDictionary<byte[], byte[]> entries)
    {
        var all = entries.Select(e => (e.Key, e.Value)).ToList();
        var size = Header + all.Sum(e => 16 + e.Key.Length + e.Value.Length);
        var value = new byte[16];
        if (size <= pageSize / 4)
        {
            var page = new byte[size];
            WriteLeaf(page, 0, 0, all, 0);
            return [.. value, .. page];
        }

        BinaryPrimitives.WriteUInt64LittleEndian(value, Tree(all, 0));
        return value;
    }

    private ulong Tree(List<(byte[] Key, byte[] Value)> entries, uint flags)
    {
        var level = new List<(byte[] Key, ulong Page)>();
        var leaf = new List<(byte[], byte[])>();
        var used = Header;
        foreach (var entry in entries)
        {
            var size = 16 + entry.Key.Length + entry.Value.Length;
            if (leaf.Count >= 2 && used + size > pageSize)
            {
                level.Add((leaf[0].Item1, Leaf(leaf, flags)));
                leaf = [];
                used = Header;
            }

            leaf.Add(entry);
            used += size;
        }

        level.Add((leaf.Count > 0 ? leaf[0].Item1 : [], Leaf(leaf, flags)));
        while (level.Count > 1)
        {
            level = level.Chunk(Math.Max(2, (pageSize - Header) / 64)).Select(c => (c[0].Key, Branch(c))).ToList();
        }

        return level[0].Page;
    }

    private ulong Leaf(List<(byte[] Key, byte[] Value)> entries, uint flags)
    {
        var size = Header + entries.Sum(e => 16 + e.Key.Length + e.Value.Length);
        var pages = Math.Max(1, (size + pageSize - 1) / pageSize);
        var id = Allocate(pages);
        var content = new byte[pages * pageSize];
        WriteLeaf(content, id, pages - 1, entries, flags);
        Store(id, content);
        return id;
    }

    private static void WriteLeaf(Span<byte> page, ulong id, int overflow, List<(byte[] Key, byte[] Value)> entries, uint flags)
    {
        WriteHeader(page, id, 2, entries.Count, overflow);
        var data = Header + (16 * entries.Count);
        for (var i = 0; i < entries.Count; i++)
        {
            var (key, value) = entries[i];
            var element = page[(Header + (16 * i))..];
            BinaryPrimitives.WriteUInt32LittleEndian(element, flags);
            BinaryPrimitives.WriteUInt32LittleEndian(element[4..], (uint)(data - Header - (16 * i)));
            BinaryPrimitives.WriteUInt32LittleEndian(element[8..], (uint)key.Length);
            BinaryPrimitives.WriteUInt32LittleEndian(element[12..], (uint)value.Length);
            key.CopyTo(page[data..]);
            value.CopyTo(page[(data + key.Length)..]);
            data += key.Length + value.Length;
        }
    }

    private ulong Branch((byte[] Key, ulong Page)[] children)
    {
        var id = Allocate(1);
        var page = _pages[(int)id].AsSpan();
        WriteHeader(page, id, 1, children.Length, 0);
        var data = Header + (16 * children.Length);
        for (var i = 0; i < children.Length; i++)
        {
            var element = page[(Header + (16 * i))..];
            BinaryPrimitives.WriteUInt32LittleEndian(element, (uint)(data - Header - (16 * i)));
            BinaryPrimitives.WriteUInt32LittleEndian(element[4..], (uint)children[i].Key.Length);
            BinaryPrimitives.WriteUInt64LittleEndian(element[8..], children[i].Page);
            children[i].Key.CopyTo(page[data..]);
            data += children[i].Key.Length;
        }

        return id;
    }

    private ulong Allocate(int pages)
    {
        var id = (ulong)_pages.Count;
        for (var i = 0; i < pages; i++)
        {
            _pages.Add(new byte[pageSize]);
        }

        return id;
    }

    private void Store(ulong id, byte[] content)
    {
        for (var i = 0; i * pageSize < content.Length; i++)
        {
            content.AsSpan(i * pageSize, pageSize).CopyTo(_pages[(int)id + i]);
        }
    }

    private void WriteMeta(int index, ulong root, ulong freelist)
    {
        var page = _pages[index].AsSpan();
        WriteHeader(page, (ulong)index, 4, 0, 0);
        var body = page[Header..];
        BinaryPrimitives.WriteUInt32LittleEndian(body, 0xED0CDAED);
        BinaryPrimitives.WriteUInt32LittleEndian(body[4..], 2);
        BinaryPrimitives.WriteUInt32LittleEndian(body[8..], (uint)pageSize);
        BinaryPrimitives.WriteUInt64LittleEndian(body[16..], root);
        BinaryPrimitives.WriteUInt64LittleEndian(body[32..], freelist);
        BinaryPrimitives.WriteUInt64LittleEndian(body[40..], (ulong)_pages.Count);
        BinaryPrimitives.WriteUInt64LittleEndian(body[48..], (ulong)(10 + index));
        BinaryPrimitives.WriteUInt64LittleEndian(body[56..], MetaPage.Fnv1A(body[..56]));
    }
}
