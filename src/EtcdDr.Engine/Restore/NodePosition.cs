namespace EtcdDr.Engine.Restore;

/// <summary>Where one control-plane node stands in a restore.</summary>
internal enum NodePosition
{
    /// <summary>It does not answer.</summary>
    Away,

    /// <summary>It runs the previous state, and nothing lies ready on it.</summary>
    Untouched,

    /// <summary>It runs the previous state; the new data lies ready beside it.</summary>
    Staged,

    /// <summary>It has the previous data; manifests of its control plane are held aside.</summary>
    Held,

    /// <summary>It has the new data, or is half-way to it; its etcd is stopped.</summary>
    Swapped,

    /// <summary>Its etcd was started on the new data; nothing was recorded to serve yet.</summary>
    Started,

    /// <summary>It runs the new state, which serves.</summary>
    Serving,

    /// <summary>It runs the previous state again, as its journal says: it is not stopped again for nodes that lagged behind.</summary>
    PutBack,
}
