namespace EtcdDr.Engine.Kube.Inventory;

/// <summary>What an inventory holds.</summary>
/// <param name="Objects">Records written.</param>
/// <param name="Kinds">Records by kind and group, for example <c>Deployment.apps</c>.</param>
/// <param name="Warnings">Kinds that could not be read, with the reason.</param>
public sealed record InventorySummary(long Objects, IReadOnlyDictionary<string, int> Kinds, IReadOnlyList<string> Warnings);
