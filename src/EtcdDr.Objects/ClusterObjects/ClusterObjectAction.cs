namespace EtcdDr;

/// <summary>What is done, or would be done, with an object in a cluster.</summary>
public enum ClusterObjectAction
{
    /// <summary>It is made.</summary>
    Create,

    /// <summary>Fields of the one that is there are changed.</summary>
    Update,

    /// <summary>The one that is there is deleted and made anew, since a field differs that cannot be changed.</summary>
    Replace,

    /// <summary>It is deleted, because it was made and is to be undone.</summary>
    Delete,

    /// <summary>The one that is there is the same.</summary>
    Unchanged,

    /// <summary>Somebody else owns fields that differ; <c>-Force</c> takes them over.</summary>
    Conflict,

    /// <summary>The cluster does not take it, or does not serve its kind.</summary>
    Refused,

    /// <summary>It is not put into a cluster: its message says why.</summary>
    LeftOut,
}
