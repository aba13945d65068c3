namespace EtcdDr.Engine.Kube;

/// <summary>How a patch is merged into an object.</summary>
public enum KubePatch
{
    /// <summary>JSON merge patch (RFC 7386): lists are replaced.</summary>
    Merge,

    /// <summary>Kubernetes' strategic merge: lists of built-in kinds are merged by their keys.</summary>
    StrategicMerge,

    /// <summary>JSON patch (RFC 6902): a list of operations. Not repeated by itself, since an operation may add once more what it
    /// added.</summary>
    Json,
}
