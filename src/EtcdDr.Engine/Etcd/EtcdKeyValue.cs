namespace EtcdDr.Engine.Etcd;

/// <summary>A key with its value.</summary>
/// <param name="Key">The key.</param>
/// <param name="Value">The value.</param>
/// <param name="CreateRevision">Revision that created the key.</param>
/// <param name="ModRevision">Revision of its last change.</param>
/// <param name="Version">Number of changes since it was created.</param>
public sealed record EtcdKeyValue(string Key, ReadOnlyMemory<byte> Value, long CreateRevision, long ModRevision, long Version);
