namespace EtcdDr.Engine.Snapshots.Places.Objects;

/// <summary>An object as a bucket lists it.</summary>
/// <param name="Key">Its key: what the bucket says, which may be anything.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Modified">When it was written, UTC.</param>
/// <param name="Version">What changes when its content does: its ETag.</param>
internal sealed record StoredObject(string Key, long Size, DateTime Modified, string Version);
