using System.Runtime.CompilerServices;

namespace EtcdDr.Engine.Snapshots.Places;

/// <summary>What every place can be asked by what it does anyway.</summary>
public static class SnapshotStoreReading
{
    /// <summary>What stands at a path: its size in bytes, -1 for a directory; null if nothing does.</summary>
    public static async Task<long?> LengthAsync(this ISnapshotStore store, string path, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(store);
        return await store.StatAsync(path, cancellationToken) switch
        {
            null => null,
            { IsDirectory: true } => -1,
            var entry => entry.Size,
        };
    }

    /// <summary>All files, directories and links below a path, recursively; links are not followed.</summary>
    public static async IAsyncEnumerable<SnapshotStoreEntry> ListAsync(
        this ISnapshotStore store,
        string path,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(store);
        foreach (var entry in await store.ListDirectoryAsync(path, cancellationToken))
        {
            yield return entry;
            if (!entry.IsDirectory)
            {
                continue;
            }

            await foreach (var below in store.ListAsync(entry.Path, cancellationToken))
            {
                yield return below;
            }
        }
    }

    /// <summary>SHA-256 of a whole file as it stands there, 64 lower-case hexadecimal digits.</summary>
    public static async Task<string> Sha256Async(this ISnapshotStore store, string path, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(store);
        return (await store.Sha256Async([path], cancellationToken))[0];
    }
}
