namespace EtcdDr.Lab.Faults;

/// <summary>What the cluster is like when a restore into it begins.</summary>
public enum Beginning
{
    /// <summary>All is well.</summary>
    Healthy,

    /// <summary>The databases of all members but the first's are rubbish: no quorum, no API.</summary>
    NoQuorum,

    /// <summary>The database of the last member is rubbish; the others serve.</summary>
    CorruptMember,

    /// <summary>The struck node is off. The restore is refused until it is back.</summary>
    NodeAway,

    /// <summary>The API knows the administrator and lets him do nothing: the binding of kubeadm's group is gone.</summary>
    ApiRefusing,

    /// <summary>Certificates of the struck node are over. The restore is refused until they are renewed.</summary>
    ExpiredCertificates,

    /// <summary>The struck node's disk writes a few dozen times a second.</summary>
    SlowDisk,
}
