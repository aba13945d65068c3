namespace EtcdDr.Engine.Restore;

/// <summary>The next action, and the nodes that it is about.</summary>
/// <param name="Kind">What is done.</param>
/// <param name="Nodes">The nodes, by name.</param>
internal sealed record RestoreAction(RestoreActionKind Kind, IReadOnlyList<string> Nodes);
