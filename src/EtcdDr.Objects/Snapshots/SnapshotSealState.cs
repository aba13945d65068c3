namespace EtcdDr;

/// <summary>Whether what a snapshot says about itself is proven by a seal.</summary>
public enum SnapshotSealState
{
    /// <summary>It is not sealed: nothing but its place vouches for what it says.</summary>
    None,

    /// <summary>It is sealed, and nobody has opened it here: whoever may write to its place may have changed its time, label and
    /// cluster.</summary>
    Unproven,

    /// <summary>Its seal was opened, and what it says is what was sealed.</summary>
    Proven,
}
