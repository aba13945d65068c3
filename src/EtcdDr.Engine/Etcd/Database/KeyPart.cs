namespace EtcdDr.Engine.Etcd.Database;

/// <summary>What was found in a part of the bucket <c>key</c>.</summary>
internal sealed class KeyPart(TreePart tree)
{
    internal TreePart Tree => tree;

    /// <summary>Records, until the index took them.</summary>
    internal List<KeyRecord> Records { get; set; } = [];

    /// <summary>Number of the first record among all.</summary>
    internal long FirstNumber { get; set; }

    internal int Count { get; set; }

    internal long FirstMain { get; set; }

    internal long LastMain { get; set; }

    internal int Tombstones { get; set; }

    /// <summary>Values that Kubernetes' apiserver encrypted.</summary>
    internal int Encrypted { get; set; }

    /// <summary>CRC-32C of keys and values.</summary>
    internal uint Crc { get; set; }

    /// <summary>Bytes that <see cref="Crc"/> covers.</summary>
    internal long Length { get; set; }
}
