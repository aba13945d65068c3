using System.Buffers;
using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EtcdDr.Engine.Kube.Inventory;

/// <summary>
/// The inventory of one kind while it is read: its records as lines (some 200 bytes each) that are not written yet, and its table. Lines
/// that wait are packed, to less than half: a cluster can have hundreds of thousands of secrets and config maps.
/// </summary>
internal sealed class InventoryLines(KubeResource resource)
{
    private const int BlockSize = 64 * 1024;

    private readonly List<byte[]> _blocks = [];
    private readonly ArrayBufferWriter<byte> _last = new();

    /// <summary>The kind.</summary>
    public KubeResource Resource => resource;

    /// <summary>The kind's table; null for kinds that have none.</summary>
    public InventoryTable? Table { get; } = InventoryTable.For(resource);

    /// <summary>Number of records in all.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes of memory that what is held back takes.</summary>
    public int Length { get; private set; }

    /// <summary>What is kept of an object, which is changed by it; may be asked by several threads at once.</summary>
    public InventoryLine Line(JsonObject item)
    {
        var row = Table?.Row(item);
        return Line(InventoryReader.Record(resource, item), row);
    }

    /// <summary>Adds an object whose record is made already.</summary>
    /// <param name="record">The record; null where it does not count.</param>
    /// <param name="item">The object as it was read.</param>
    public void Add(InventoryRecord? record, JsonObject item) => Add(Line(record, Table?.Row(item)));

    /// <summary>Adds what is kept of an object.</summary>
    public void Add(InventoryLine line)
    {
        if (line.Row is not null)
        {
            Table!.Add(line.Row);
        }

        if (line.Record is null)
        {
            return;
        }

        _last.Write(line.Record);
        _last.Write("\n"u8);
        Length += line.Record.Length + 1;
        Count++;
        if (_last.WrittenCount >= BlockSize)
        {
            Pack();
        }
    }

    /// <summary>Writes what is held back, which is held no longer.</summary>
    public async Task MoveToAsync(Stream records, CancellationToken cancellationToken)
    {
        foreach (var block in _blocks)
        {
            await using var lines = new DeflateStream(new MemoryStream(block), CompressionMode.Decompress);
            await lines.CopyToAsync(records, cancellationToken);
        }

        await records.WriteAsync(_last.WrittenMemory, cancellationToken);
        _blocks.Clear();
        _last.ResetWrittenCount();
        Length = 0;
    }

    private static InventoryLine Line(InventoryRecord? record, string[]? row) =>
        new(record is null ? null : JsonSerializer.SerializeToUtf8Bytes(record), row);

    private void Pack()
    {
        using var packed = new MemoryStream();
        using (var deflate = new DeflateStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            deflate.Write(_last.WrittenSpan);
        }

        _blocks.Add(packed.ToArray());
        Length += _blocks[^1].Length - _last.WrittenCount;
        _last.ResetWrittenCount();
    }
}
