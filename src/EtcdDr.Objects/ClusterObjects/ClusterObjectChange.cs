namespace EtcdDr;

/// <summary>How an object of one source differs from that of another.</summary>
public enum ClusterObjectChange
{
    /// <summary>Both have it, and it is the same.</summary>
    Equal,

    /// <summary>Only the reference has it.</summary>
    Missing,

    /// <summary>Only the other one has it.</summary>
    Added,

    /// <summary>Both have it, and it differs.</summary>
    Changed,
}
