using System.Text.Json.Nodes;
using EtcdDr.Engine.Etcd.Database;
using EtcdDr.Engine.Kube;
using EtcdDr.Engine.Kube.Inventory;

namespace EtcdDr.Engine.Snapshots;

/// <summary>The objects in one part of a database, read by one thread.</summary>
/// <param name="kinds">Kinds that are wanted, and the beginning of their keys.</param>
/// <param name="make">What is wanted of an object.</param>
/// <param name="reader">Reads objects; nobody else's meanwhile.</param>
internal sealed class StoredInventoryPart(
    IReadOnlyList<(KubeResource Resource, byte[] Prefix)> kinds,
    Func<KubeResource, JsonObject, InventoryLine> make,
    StoredObject reader
) : ILiveKeyPart
{
    private readonly List<(KubeResource Resource, InventoryLine Line)> _lines = [];
    private readonly HashSet<KubeResource> _unread = [];

    /// <summary>What was made of the objects, in the order of their revisions.</summary>
    public IReadOnlyList<(KubeResource Resource, InventoryLine Line)> Lines => _lines;

    /// <summary>The kinds of which an object could not be read.</summary>
    public IReadOnlySet<KubeResource> Unread => _unread;

    /// <summary>What read the objects.</summary>
    public StoredObject Reader => reader;

    /// <inheritdoc/>
    public bool Record(in MvccRecord record)
    {
        foreach (var (resource, prefix) in kinds)
        {
            if (record.Key.StartsWith(prefix) && !_unread.Contains(resource) && !TryAdd(resource, reader.Read(record.Value)))
            {
                _unread.Add(resource);
            }
        }

        return _unread.Count < kinds.Count;
    }

    private bool TryAdd(KubeResource resource, JsonObject? item)
    {
        if (item is null)
        {
            return false;
        }

        try
        {
            _lines.Add((resource, make(resource, item)));
            return true;
        }
        catch (Exception failure) when (failure is ArgumentException or InvalidOperationException)
        {
            // JSON with a key twice or text that is no UTF-8: no apiserver wrote that, and what one makes of it, it says itself.
            return false;
        }
    }
}
