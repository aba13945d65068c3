namespace EtcdDr.Engine.Snapshots;

/// <summary>A snapshot as it was found in a store: what it is, and under which path each of its parts stands.</summary>
internal sealed record SnapshotContents
{
    /// <summary>The snapshot as users see it.</summary>
    public required EtcdSnapshot Snapshot { get; init; }

    /// <summary>Its manifest; null for MAA backups and bare databases.</summary>
    public SnapshotManifest? Manifest { get; init; }

    /// <summary>Path of the database, relative to the snapshot.</summary>
    public required string Database { get; init; }

    /// <summary>Path of the service-account signing key; null if it holds none.</summary>
    public string? ServiceAccountKey { get; init; }

    /// <summary>Path of the service-account public key; null if it holds none.</summary>
    public string? ServiceAccountPublicKey { get; init; }

    /// <summary>Files of encryption at rest.</summary>
    public IReadOnlyList<SnapshotKeyFile> EncryptionConfigs { get; init; } = [];

    /// <summary>How its cluster was set up; null where nothing says so.</summary>
    public SnapshotSettings? Settings { get; init; }

    /// <summary>Files that lie inside others, by path; in memory, since keys are among them.</summary>
    public IReadOnlyDictionary<string, byte[]> Unpacked { get; init; } = new Dictionary<string, byte[]>();

    /// <summary>Every file that is part of it, with its size; the manifest too.</summary>
    public IReadOnlyList<SnapshotStoreEntry> Entries { get; init; } = [];
}
