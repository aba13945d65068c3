using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EtcdDr.Engine.Kube.Inventory;

/// <summary>The inventory of one kind while it is read: its records as lines (some 200 bytes each) that are not written yet, and its table.</summary>
internal sealed class InventoryLines(InventoryResource resource)
{
    private readonly ArrayBufferWriter<byte> _records = new();

    /// <summary>The kind.</summary>
    public InventoryResource Resource => resource;

    /// <summary>The kind's table; null for kinds that have none.</summary>
    public InventoryTable? Table { get; } = InventoryTable.For(resource);

    /// <summary>Number of records in all.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes that are held back.</summary>
    public int Length => _records.WrittenCount;

    /// <summary>Adds an object, which is changed by it.</summary>
    public void Add(JsonObject item)
    {
        Table?.Add(item);
        Add(InventoryReader.Record(resource, item));
    }

    /// <summary>Adds an object whose record is made already.</summary>
    /// <param name="record">The record; null where it does not count.</param>
    /// <param name="item">The object as it was read.</param>
    public void Add(InventoryRecord? record, JsonObject item)
    {
        Table?.Add(item);
        Add(record);
    }

    /// <summary>Writes what is held back, which is held no longer.</summary>
    public async Task MoveToAsync(Stream records, CancellationToken cancellationToken)
    {
        await records.WriteAsync(_records.WrittenMemory, cancellationToken);
        _records.ResetWrittenCount();
    }

    private void Add(InventoryRecord? record)
    {
        if (record is null)
        {
            return;
        }

        _records.Write(JsonSerializer.SerializeToUtf8Bytes(record));
        _records.Write("\n"u8);
        Count++;
    }
}
