using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EtcdDr.Engine.Kube.Inventory;

/// <summary>The inventory's lines of one kind, held back (some 200 bytes each) until it is known that all of the kind could be read.</summary>
internal sealed class InventoryLines(InventoryResource resource)
{
    private readonly ArrayBufferWriter<byte> _records = new();

    /// <summary>The kind.</summary>
    public InventoryResource Resource => resource;

    /// <summary>Its name in summaries.</summary>
    public string Kind => resource.FullKind;

    /// <summary>The kind's table; null for kinds that have none.</summary>
    public InventoryTable? Table { get; } = InventoryTable.For(resource);

    /// <summary>Number of records.</summary>
    public int Count { get; private set; }

    /// <summary>The records so far.</summary>
    public ReadOnlyMemory<byte> Records => _records.WrittenMemory;

    /// <summary>A record as a line.</summary>
    public static byte[] Of(InventoryRecord record) => [.. JsonSerializer.SerializeToUtf8Bytes(record), (byte)'\n'];

    /// <summary>Adds an object, which is changed by it.</summary>
    public void Add(JsonObject item)
    {
        Table?.Add(item);
        if (InventoryReader.Record(resource, item) is { } record)
        {
            _records.Write(Of(record));
            Count++;
        }
    }
}
