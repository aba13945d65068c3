namespace EtcdDr;

/// <summary>How a value in etcd is written.</summary>
public enum EtcdValueEncoding
{
    /// <summary>Empty.</summary>
    None,

    /// <summary>Kubernetes' protobuf envelope (<c>k8s</c> and a zero byte in front).</summary>
    KubernetesProtobuf,

    /// <summary>A Kubernetes object as JSON, as custom resources are stored.</summary>
    KubernetesJson,

    /// <summary>Encrypted by the apiserver (<c>k8s:enc:</c> in front); its keys are in the encryption configuration.</summary>
    Encrypted,

    /// <summary>Anything else.</summary>
    Other,
}
