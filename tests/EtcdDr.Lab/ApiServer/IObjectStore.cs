using System.Text.Json.Nodes;

namespace EtcdDr.Lab.ApiServer;

/// <summary>Where the played apiserver keeps objects: etcd, and in tests of single requests the memory of a process.</summary>
internal interface IObjectStore
{
    /// <summary>The store's revision.</summary>
    Task<long> RevisionAsync(CancellationToken cancellationToken);

    /// <summary>An object; null where there is none.</summary>
    Task<Stored?> GetAsync(Resource resource, string key, CancellationToken cancellationToken);

    /// <summary>The next objects from <paramref name="start"/> to the end of <paramref name="prefix"/>, no more than
    /// <paramref name="limit"/> if that is not 0; revision 0 is now.</summary>
    Task<StoredPage> PageAsync(
        Resource resource,
        string prefix,
        string start,
        long limit,
        long revision,
        CancellationToken cancellationToken
    );

    /// <summary>All objects of a prefix at one revision, page by page: at least one page.</summary>
    IAsyncEnumerable<StoredPage> PagesAsync(Resource resource, string prefix, CancellationToken cancellationToken);

    /// <summary>Writes if the key's revision is still <paramref name="expected"/> (0: not there); the new revision, or null when it is
    /// not.</summary>
    Task<long?> PutAsync(
        Resource resource,
        string key,
        JsonObject value,
        long expected,
        CancellationToken cancellationToken,
        long lease = 0
    );

    /// <summary>Removes if the key's revision is still <paramref name="expected"/>; whether it did.</summary>
    Task<bool> DeleteAsync(string key, long expected, CancellationToken cancellationToken);

    /// <summary>Changes after <paramref name="revision"/>, until the store or the caller ends it.</summary>
    IAsyncEnumerable<StoredChange> WatchAsync(Resource resource, string prefix, long revision, CancellationToken cancellationToken);
}
