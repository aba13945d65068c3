namespace EtcdDr.Engine.Snapshots.Places;

/// <summary>What an upload or a removal left at a place that was cut off, or still goes on.</summary>
/// <param name="Name">Its name there.</param>
/// <param name="LastChanged">When anything of it changed last, UTC.</param>
/// <param name="Size">Bytes of it.</param>
public sealed record UnfinishedUpload(string Name, DateTime LastChanged, long Size);
