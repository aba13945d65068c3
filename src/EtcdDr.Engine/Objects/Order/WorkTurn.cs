namespace EtcdDr.Engine.Objects.Order;

/// <summary>Objects that can go into a cluster at the same time.</summary>
/// <param name="Stage">Their stage.</param>
/// <param name="Items">The objects, by kind, namespace and name.</param>
internal sealed record WorkTurn(WorkStage Stage, IReadOnlyList<KubeObject> Items);
