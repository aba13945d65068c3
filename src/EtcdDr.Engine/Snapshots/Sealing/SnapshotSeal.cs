namespace EtcdDr.Engine.Snapshots.Sealing;

/// <summary>What the readable part of a sealed snapshot's manifest says about the seal.</summary>
public sealed record SnapshotSeal
{
    /// <summary>The only way of sealing there is.</summary>
    public const string AlgorithmName = "AES-256-GCM";

    /// <summary>How files are sealed.</summary>
    public string Algorithm { get; init; } = AlgorithmName;

    /// <summary>The snapshot key: CMS EnvelopedData in DER, wrapped for each recipient.</summary>
    public byte[] Key { get; init; } = [];

    /// <summary>Path of the sealed manifest.</summary>
    public string Manifest { get; init; } = string.Empty;

    /// <summary>Certificates that it is sealed to.</summary>
    public IReadOnlyList<SealRecipient> Recipients { get; init; } = [];
}
