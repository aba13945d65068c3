namespace EtcdDr.Engine.Snapshots.Places.Objects;

/// <summary>An object that is being read.</summary>
/// <param name="Stream">Its bytes, from the one that was asked for on.</param>
/// <param name="Version">Which version it is.</param>
internal sealed record ObjectContent(Stream Stream, string Version);
