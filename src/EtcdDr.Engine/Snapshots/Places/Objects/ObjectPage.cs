namespace EtcdDr.Engine.Snapshots.Places.Objects;

/// <summary>A part of a listing.</summary>
/// <param name="Items">What is in it.</param>
/// <param name="Next">What asks for the next part; null at the end.</param>
internal sealed record ObjectPage<T>(IReadOnlyList<T> Items, string? Next);
