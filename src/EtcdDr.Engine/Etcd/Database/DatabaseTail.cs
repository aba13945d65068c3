namespace EtcdDr.Engine.Etcd.Database;

/// <summary>What the last page of records of a database file tells: few pages are read for it, and none besides is proven.</summary>
/// <param name="Revision">Revision of the last record; 0 where there is none.</param>
/// <param name="Size">Length of the file, bytes.</param>
public sealed record DatabaseTail(long Revision, long Size)
{
    /// <summary>The newest of the times that the objects on that page say of themselves (made, or changed by a field manager), UTC; null
    /// where none says any.</summary>
    public DateTime? NewestChange { get; init; }

    /// <summary>The key of the object that says so.</summary>
    public string? NewestKey { get; init; }
}
