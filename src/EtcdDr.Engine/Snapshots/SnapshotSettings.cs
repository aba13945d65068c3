namespace EtcdDr.Engine.Snapshots;

/// <summary>What a snapshot says about how its cluster was set up; null where it does not say.</summary>
/// <param name="PodCidr">Range of pods' addresses.</param>
/// <param name="ServiceCidr">Range of services' addresses.</param>
/// <param name="ServiceAccountIssuer">Issuer of service-account tokens.</param>
public sealed record SnapshotSettings(string? PodCidr, string? ServiceCidr, string? ServiceAccountIssuer);
