using System.Text.Json.Nodes;

namespace EtcdDr.Engine.Kube;

/// <summary>What a watch reports.</summary>
/// <param name="Type">What happened.</param>
/// <param name="Item">The object as it is now, or was when it was deleted; null for <see cref="KubeEventType.Listed"/> and
/// <see cref="KubeEventType.Restarted"/>.</param>
public sealed record KubeEvent(KubeEventType Type, JsonObject? Item = null);
