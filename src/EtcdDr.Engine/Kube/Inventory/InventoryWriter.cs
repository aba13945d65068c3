namespace EtcdDr.Engine.Kube.Inventory;

/// <summary>Makes a file of an inventory: calls <paramref name="write"/> with the stream to fill. May be called while another file is
/// open.</summary>
/// <param name="path">Path inside the snapshot, for example <c>inventory/pods.json</c>.</param>
/// <param name="write">Fills the file.</param>
public delegate Task InventoryWriter(string path, Func<Stream, Task> write);
