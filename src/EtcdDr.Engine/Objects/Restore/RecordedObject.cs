using System.Text.Json.Nodes;

namespace EtcdDr.Engine.Objects.Restore;

/// <summary>What a record says of an object.</summary>
/// <param name="Turn">In which turn it was written.</param>
/// <param name="Item">What it is called, and in which version.</param>
/// <param name="Before">The object as it was; null where there was none.</param>
/// <param name="Uid">UID of what was written; null where nobody knows whether anything was.</param>
/// <param name="Sha256">Digest of what was written, without what clusters set; null as well.</param>
internal sealed record RecordedObject(int Turn, KubeObject Item, JsonObject? Before, string? Uid, string? Sha256);
