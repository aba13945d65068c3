namespace EtcdDr.Engine.Snapshots.Places.Objects;

/// <summary>A part that a bucket holds.</summary>
/// <param name="Number">From 1 on.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Token">What the bucket wants to hear of it when the object is completed.</param>
/// <param name="Sha256">Its SHA-256 as the bucket tells it, 64 lower-case hexadecimal digits; null where it tells none.</param>
/// <param name="Written">When it arrived, UTC; null where the bucket does not tell.</param>
internal sealed record ObjectPart(int Number, long Size, string Token, string? Sha256, DateTime? Written);
