namespace EtcdDr.Engine.Etcd;

/// <summary>A member that tells its state and the hash of its keyspace.</summary>
internal interface IHashedMember
{
    /// <summary>The member's node.</summary>
    string Node { get; }

    /// <summary>What the member says of itself.</summary>
    Task<EtcdServerStatus> StatusAsync(CancellationToken cancellationToken);

    /// <summary>Hash of the keyspace at a revision.</summary>
    Task<EtcdHash> HashKvAsync(long revision, CancellationToken cancellationToken);
}
