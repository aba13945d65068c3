namespace EtcdDr.Engine.Snapshots.Sealing;

/// <summary>What a sealed file is for. It takes part in the file's key, so that one is never taken for the other.</summary>
internal enum SealedKind
{
    /// <summary>A file of the snapshot.</summary>
    File = 1,

    /// <summary>The manifest.</summary>
    Manifest = 2,

    /// <summary>A file that a restore kept beside the snapshot before <see cref="KeptAt"/> was there; its key does not know its
    /// path.</summary>
    Kept = 3,

    /// <summary>A file that a restore keeps beside the snapshot; its path takes part in its key, so that one node's is never taken for
    /// another's.</summary>
    KeptAt = 4,
}
