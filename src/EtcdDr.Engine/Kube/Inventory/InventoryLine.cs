namespace EtcdDr.Engine.Kube.Inventory;

/// <summary>What the inventory keeps of one object.</summary>
/// <param name="Record">Its record as JSON; null for an object that does not count.</param>
/// <param name="Row">Its row of the kind's table; null where the kind has none.</param>
internal sealed record InventoryLine(byte[]? Record, string[]? Row);
