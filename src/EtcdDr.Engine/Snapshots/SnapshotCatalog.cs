using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Snapshots.Places;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.Snapshots;

/// <summary>Finds snapshots in a directory of this machine or of an SSH host.</summary>
public sealed class SnapshotCatalog(IRemoteHostFactory hosts, OperationContext context)
{
    /// <summary>
    /// The snapshots at a place, oldest first: the place itself if it is one, else those directly in it. One that is broken among others is
    /// told as a warning; one that is named itself is an error.
    /// </summary>
    /// <param name="location">A directory with snapshots, a snapshot, or a database file.</param>
    /// <param name="ssh">How the location's host is reached; null for defaults.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<IReadOnlyList<EtcdSnapshot>> FindAsync(
        SnapshotLocation location,
        SshSettings? ssh,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(location);
        await using var store = await SnapshotStores.OpenAsync(location, ssh, hosts, context, cancellationToken);
        var root = await store.StatAsync(string.Empty, cancellationToken) ?? throw StoreErrors.Missing(location.ToString());
        if (!root.IsDirectory)
        {
            return [await FileAsync(location, ssh, cancellationToken)];
        }

        var listed = await store.ListedAsync(cancellationToken);
        if (await SnapshotRecognizer.DirectoryAsync(listed, string.Empty, cancellationToken) is { } itself)
        {
            return [Placed(itself.Snapshot, location, ssh)];
        }

        var found = await BelowAsync(listed, cancellationToken);

        return found
            .Select(c => Placed(c.Snapshot, location, ssh))
            .OrderBy(s => s.Created)
            .ThenBy(s => s.Name, StringComparer.Ordinal)
            .ToList();
    }

    /// <summary>The one snapshot that a place is.</summary>
    /// <exception cref="EtcdDrException"><c>NotASnapshot</c>, <c>SnapshotIncomplete</c>, <c>SnapshotAltered</c>,
    /// <c>SnapshotFileMissing</c>.</exception>
    public async Task<EtcdSnapshot> GetAsync(SnapshotLocation location, SshSettings? ssh, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(location);
        await using var store = await SnapshotStores.OpenAsync(location, ssh, hosts, context, cancellationToken);
        var root = await store.StatAsync(string.Empty, cancellationToken) ?? throw StoreErrors.Missing(location.ToString());
        if (!root.IsDirectory)
        {
            return await FileAsync(location, ssh, cancellationToken);
        }

        var listed = await store.ListedAsync(cancellationToken);
        return await SnapshotRecognizer.DirectoryAsync(listed, string.Empty, cancellationToken) is { } contents
            ? Placed(contents.Snapshot, location, ssh)
            : throw SnapshotErrors.NotASnapshot(location.ToString(), Errors.NotASnapshot_Directory_Part.With(SnapshotManifest.FileName));
    }

    /// <summary>
    /// Opens the seal of a snapshot, with the key that it carries or one of the certificate store, so that what it says is proven. One that
    /// is not sealed comes back as it is, and so does one for which there is no key here.
    /// </summary>
    /// <returns>The snapshot with all that its sealed manifest says; null if it is not what was sealed, which is told as a
    /// warning.</returns>
    /// <exception cref="EtcdDrException"><c>DecryptionKeyUnreadable</c>; those of the connection.</exception>
    public async Task<EtcdSnapshot?> ProveAsync(EtcdSnapshot snapshot, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        if (snapshot.SealState != SnapshotSealState.Unproven)
        {
            return snapshot;
        }

        try
        {
            await using var reader = await SnapshotReader.OpenAsync(snapshot, hosts, context, cancellationToken);
            await reader.UnlockAsync(cancellationToken);
            return reader.Snapshot;
        }
        catch (EtcdDrException failure) when (failure.ErrorId is "SnapshotKeyMissing" or "SnapshotKeyWrong")
        {
            context.Sink.Verbose(failure.Message);
            return snapshot;
        }
        catch (EtcdDrException failure) when (Verification.SnapshotVerifier.IsFinding(failure))
        {
            context.Sink.Warning(failure.Message);
            return null;
        }
    }

    /// <summary>A snapshot with how the place is reached that it lies in.</summary>
    internal static EtcdSnapshot Placed(EtcdSnapshot snapshot, SnapshotLocation location, SshSettings? ssh) =>
        location.Bucket is not null ? snapshot with { Place = location.Place }
        : location.Host is null ? snapshot
        : snapshot with { ComputerName = location.ComputerName, Ssh = SnapshotStores.Settings(location, ssh) };

    private async Task<EtcdSnapshot> FileAsync(SnapshotLocation location, SshSettings? ssh, CancellationToken cancellationToken)
    {
        await using var store = await SnapshotStores.OpenAsync(location.Parent, ssh, hosts, context, cancellationToken);
        var file = await store.StatAsync(location.Name, cancellationToken) ?? throw StoreErrors.Missing(location.ToString());
        return await SnapshotRecognizer.FileAsync(store, file, cancellationToken) is { } contents
            ? Placed(contents.Snapshot, location, ssh)
            : throw SnapshotErrors.NotASnapshot(location.ToString(), Errors.NotASnapshot_File_Part);
    }

    private async Task<IReadOnlyCollection<SnapshotContents>> BelowAsync(ISnapshotStore store, CancellationToken cancellationToken)
    {
        var wanted = new List<SnapshotStoreEntry>();
        foreach (var entry in await store.ListDirectoryAsync(string.Empty, cancellationToken))
        {
            if (!StorePath.IsSafe(entry.Path))
            {
                Warn(entry, StorePath.Outside(entry.Path, store.DisplayName));
                continue;
            }

            if (entry.IsLink || entry.Name.StartsWith('.'))
            {
                WarnOfUnfinished(store, entry);
                continue;
            }

            wanted.Add(entry);
        }

        // What is read of each is small, and most of it is waiting for an answer.
        var found = new System.Collections.Concurrent.ConcurrentBag<SnapshotContents>();
        await Parallel.ForEachAsync(
            wanted,
            new ParallelOptions { MaxDegreeOfParallelism = context.ThrottleLimit, CancellationToken = cancellationToken },
            async (entry, ct) =>
            {
                if (await TryReadAsync(store, entry, ct) is { } contents)
                {
                    found.Add(contents);
                }
            }
        );
        return found;
    }

    private void WarnOfUnfinished(ISnapshotStore store, SnapshotStoreEntry entry)
    {
        if (entry.IsDirectory && SnapshotNames.IsUnfinished(entry.Name))
        {
            context.Sink.Verbose(
                $"'{SnapshotRecognizer.PlaceOf(store, entry.Path)}' is a snapshot that is being written, copied or removed, or where "
                    + "that was cut off. Remove-EtcdSnapshot -Unfinished removes such a directory."
            );
        }
    }

    private async Task<SnapshotContents?> TryReadAsync(ISnapshotStore store, SnapshotStoreEntry entry, CancellationToken cancellationToken)
    {
        try
        {
            if (entry.IsDirectory)
            {
                return await SnapshotRecognizer.DirectoryAsync(store, entry.Path, cancellationToken);
            }

            return entry.Name.EndsWith(".db", StringComparison.OrdinalIgnoreCase)
                ? await SnapshotRecognizer.FileAsync(store, entry, cancellationToken)
                : null;
        }
        catch (EtcdDrException e) when (e.Category != EtcdDrErrorCategory.ConnectionError)
        {
            Warn(entry, e);
            return null;
        }
    }

    // A directory of somebody else that cannot be read, or has a name that is none here, is nobody's concern; a broken snapshot is.
    private void Warn(SnapshotStoreEntry entry, EtcdDrException failure)
    {
        var others =
            failure.Category is EtcdDrErrorCategory.PermissionDenied or EtcdDrErrorCategory.SecurityError
            && !entry.Name.StartsWith(SnapshotNames.Prefix, StringComparison.Ordinal);
        if (others)
        {
            context.Sink.Verbose(failure.Message);
        }
        else
        {
            context.Sink.Warning(failure.Message);
        }
    }
}
