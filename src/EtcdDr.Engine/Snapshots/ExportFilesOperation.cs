using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Snapshots.Places.Directories.Local;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.Snapshots;

/// <summary>Takes single files out of a snapshot, opened where it is sealed: a node's archive, a key, what a restore kept beside
/// it.</summary>
public sealed class ExportFilesOperation(IRemoteHostFactory hosts, OperationContext context)
{
    /// <summary>Takes them out.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="wanted">Which, by their paths in the snapshot.</param>
    /// <param name="destination">A directory of this machine; the files have the paths below it that they have in the snapshot, modes 0600
    /// and 0700.</param>
    /// <param name="cancellationToken">Stops it; the file that is being written is removed.</param>
    /// <returns>Full paths of the files that were written.</returns>
    /// <exception cref="EtcdDrException"><c>NothingToExport</c>, <c>AlreadyExists</c>, and what opening and reading the snapshot
    /// throws.</exception>
    public async Task<IReadOnlyList<string>> RunAsync(
        EtcdSnapshot snapshot,
        Func<string, bool> wanted,
        string destination,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        ArgumentNullException.ThrowIfNull(wanted);
        await using var reader = await SnapshotReader.OpenAsync(snapshot, hosts, context, cancellationToken);
        await reader.UnlockAsync(cancellationToken);
        await using var target = new LocalSnapshotStore(destination);
        var written = new List<string>();
        foreach (var path in reader.ContentPaths.Where(wanted).Order(StringComparer.Ordinal).ToList())
        {
            written.Add(await WriteAsync(target, path, () => reader.OpenFileAsync(path, cancellationToken), cancellationToken));
        }

        foreach (var kept in await KeptFilesOf(reader, cancellationToken))
        {
            var path = KeptFiles.Opened(kept.Path)?.Path ?? kept.Path;
            if (wanted(path))
            {
                written.Add(await WriteAsync(target, path, () => reader.OpenKeptAsync(kept, cancellationToken), cancellationToken));
            }
        }

        return written.Count > 0
            ? written
            : throw new EtcdDrException(
                "NothingToExport",
                EtcdDrErrorCategory.ObjectNotFound,
                Errors.NothingToExport.With(snapshot),
                Errors.NothingToExport_Action,
                snapshot.ToString()
            );
    }

    // The directory around a bare database is nobody's snapshot.
    private static async Task<IReadOnlyList<SnapshotStoreEntry>> KeptFilesOf(SnapshotReader reader, CancellationToken cancellationToken) =>
        reader.Snapshot.Format == SnapshotFormat.Database ? [] : await KeptFiles.ListAsync(reader.Store, cancellationToken);

    // Under another name until it is whole and proven.
    private static async Task<string> WriteAsync(
        LocalSnapshotStore target,
        string path,
        Func<Task<Stream>> open,
        CancellationToken cancellationToken
    )
    {
        var directory = StorePath.Parent(path);
        var beside = StorePath.Combine(directory, $".{path[(path.LastIndexOf('/') + 1)..]}.{Guid.NewGuid():N}.tmp");
        await target.CreateDirectoryAsync(directory, cancellationToken);
        try
        {
            await using (var content = await open())
            {
                await target.WriteAsync(beside, content, 0, null, cancellationToken);
            }

            await target.RenameAsync(beside, path, cancellationToken);
        }
        catch
        {
            await target.DeleteAsync(beside, CancellationToken.None);
            throw;
        }

        return Path.Combine(target.Root, path);
    }
}
