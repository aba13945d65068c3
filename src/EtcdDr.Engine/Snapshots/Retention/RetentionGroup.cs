namespace EtcdDr.Engine.Snapshots.Retention;

/// <summary>
/// What retention counts together: the snapshots of one cluster at one place. A cluster is known by its name in the profile, because a
/// restore gives etcd another id and the snapshots from before would never become fewer; only where there is no name (MAA backups, bare
/// databases) by its id. A copy at another place counts there.
/// </summary>
/// <param name="Place">The directory that holds them, with its host.</param>
/// <param name="Cluster">The cluster; names have no upper and lower case.</param>
internal sealed record RetentionGroup(string Place, string Cluster)
{
    /// <summary>The group that a snapshot is in.</summary>
    internal static RetentionGroup Of(EtcdSnapshot snapshot) =>
        new(SnapshotLocation.Of(snapshot).Parent.ToString(), (snapshot.Cluster ?? snapshot.ClusterId ?? string.Empty).ToUpperInvariant());
}
