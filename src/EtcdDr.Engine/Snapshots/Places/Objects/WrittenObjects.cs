namespace EtcdDr.Engine.Snapshots.Places.Objects;

/// <summary>Asks a bucket what it holds of a snapshot before the mark makes it one.</summary>
internal static class WrittenObjects
{
    /// <summary>All that was written must be there as it was written, and nothing else but a mark.</summary>
    /// <param name="store">The place.</param>
    /// <param name="name">The snapshot.</param>
    /// <param name="written">Its files, by their paths in it.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="EtcdDrException"><c>CopyNotVerified</c>.</exception>
    public static async Task VerifyAsync(
        ObjectStore store,
        string name,
        IEnumerable<KeyValuePair<string, WrittenObject>> written,
        CancellationToken cancellationToken
    )
    {
        var listed = (await store.ObjectsAsync(name, cancellationToken)).ToDictionary(o => o.Key, StringComparer.Ordinal);
        foreach (var (path, ours) in written)
        {
            if (!listed.Remove(path, out var stored) || stored.Size != ours.Size || stored.Version != ours.Version)
            {
                throw ObjectErrors.NotVerified(path, store.FullPath(name));
            }
        }

        if (listed.Keys.FirstOrDefault(k => !SnapshotMarks.All.Contains(k)) is { } stranger)
        {
            throw ObjectErrors.NotVerified(StorePath.Printable(stranger), store.FullPath(name));
        }
    }
}
