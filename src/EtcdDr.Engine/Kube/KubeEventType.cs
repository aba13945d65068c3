namespace EtcdDr.Engine.Kube;

/// <summary>What happened to an object that is watched, or to the watch.</summary>
public enum KubeEventType
{
    /// <summary>The object is there: it was listed, or made.</summary>
    Added,

    /// <summary>It was changed.</summary>
    Modified,

    /// <summary>It was deleted, or does not fit the selector any more.</summary>
    Deleted,

    /// <summary>All objects that were there have come as added; from now on come changes.</summary>
    Listed,

    /// <summary>The server has forgotten where the watch was (410): what is known does not count any more, all objects come once more as
    /// added.</summary>
    Restarted,
}
