namespace EtcdDr;

/// <summary>How an object of a snapshot's inventory differs.</summary>
public enum InventoryChange
{
    /// <summary>It is in the snapshot and not in what it was compared with.</summary>
    Missing,

    /// <summary>It is not in the snapshot.</summary>
    Added,

    /// <summary>It is in both, and what people decide about it differs.</summary>
    Changed,

    /// <summary>It is in both, but fewer of its pods are ready than when the snapshot was taken.</summary>
    NotReady,
}
