namespace EtcdDr.Engine.Snapshots.Places.Objects;

/// <summary>An object of ours, as the bucket took it.</summary>
/// <param name="Size">Bytes.</param>
/// <param name="Version">The version that it then had.</param>
internal sealed record WrittenObject(long Size, string Version);
