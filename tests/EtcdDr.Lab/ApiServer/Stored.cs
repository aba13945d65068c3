using System.Text.Json.Nodes;

namespace EtcdDr.Lab.ApiServer;

/// <summary>An object as etcd has it.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Object">With metadata.resourceVersion filled in.</param>
/// <param name="Revision">Its modification revision.</param>
internal sealed record Stored(string Key, JsonObject Object, long Revision);
