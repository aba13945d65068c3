namespace EtcdDr.Engine.Snapshots.Retention;

/// <summary>A directory that a snapshot left whose writing, copying or removal was cut off, or still goes on.</summary>
/// <param name="Location">The directory that it is in.</param>
/// <param name="Name">Its name.</param>
/// <param name="LastChanged">When anything in it changed last, UTC.</param>
/// <param name="Size">Bytes in it.</param>
public sealed record UnfinishedSnapshot(SnapshotLocation Location, string Name, DateTime LastChanged, long Size)
{
    /// <summary>The place in words.</summary>
    public override string ToString() => $"{Location.ToString().TrimEnd('/')}/{Name}";
}
