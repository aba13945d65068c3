namespace EtcdDr.Engine.Ssh.HostKeys;

/// <summary>What a line of known_hosts says about its key.</summary>
internal enum KnownHostMarker
{
    /// <summary>It is the host's key.</summary>
    None,

    /// <summary>It is the key of an authority that signs certificates of such hosts.</summary>
    CertificateAuthority,

    /// <summary>It must never be accepted.</summary>
    Revoked,
}
