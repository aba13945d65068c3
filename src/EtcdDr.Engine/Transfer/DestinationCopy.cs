using System.Collections.Concurrent;
using System.Security.Cryptography;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Snapshots;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.Transfer;

/// <summary>Copies one snapshot to one place: under a temporary name, checked, then renamed.</summary>
internal sealed class DestinationCopy(SnapshotReader source, CopyDestination destination, IRemoteHostFactory hosts, OperationContext context)
{
    // What is smaller is read whole, so that it is checked before it is sent.
    private const long SmallFile = 1024 * 1024;
    private const int SmallFilesAtOnce = 8;

    private readonly EtcdSnapshot _snapshot = source.Snapshot;
    private readonly ConcurrentDictionary<string, string> _sums = new(StringComparer.Ordinal);

    /// <summary>Size of the blocks in which large files are resumed and checked; a multiple of 1 MiB.</summary>
    public int BlockSize { get; init; } = LargeFileCopy.DefaultBlockSize;

    private string Name => _snapshot.Name;

    private string Partial => SnapshotNames.PartialOf(Name);

    /// <summary>Copies, or finds that the same snapshot is there already.</summary>
    /// <returns>The snapshot at its new place.</returns>
    public async Task<EtcdSnapshot> RunAsync(CancellationToken cancellationToken)
    {
        StorePath.Check(Name, destination.Location.ToString());
        await using var store = await SnapshotStores.OpenAsync(destination.Location, destination.Ssh, hosts, context, cancellationToken);
        var placed = Placed(store);
        if (await store.StatAsync(Name, cancellationToken) is not null)
        {
            await CompareAsync(placed, cancellationToken);
            context.Sink.Verbose($"{placed} holds the same snapshot already; nothing was copied.");
            return placed;
        }

        var progress = new TransferProgress(context.Sink, $"Copy {Name}", destination.Location.ToString(), source.Entries.Sum(e => e.Size));
        try
        {
            await PrepareAsync(store, cancellationToken);
            await CopyFilesAsync(store, progress, cancellationToken);
            progress.Step("Verifying");
            await VerifySmallAsync(store, cancellationToken);
            await FinishAsync(store, cancellationToken);
            return placed;
        }
        finally
        {
            progress.Complete();
        }
    }

    private EtcdSnapshot Placed(ISnapshotStore store) => _snapshot with
    {
        Path = SnapshotRecognizer.FullPath(store, Name),
        ComputerName = destination.Location.ComputerName,
        Ssh = destination.Location.Host is null ? null : SnapshotStores.Settings(destination.Location, destination.Ssh),
    };

    private async Task CompareAsync(EtcdSnapshot placed, CancellationToken cancellationToken)
    {
        await using var there = await OpenExistingAsync(placed, cancellationToken);
        if (await SnapshotIdentity.DifferenceAsync(source, there, cancellationToken) is { } difference)
        {
            throw Different(placed, difference, null);
        }
    }

    private async Task<SnapshotReader> OpenExistingAsync(EtcdSnapshot placed, CancellationToken cancellationToken)
    {
        try
        {
            return await SnapshotReader.OpenAsync(placed, hosts, context, cancellationToken);
        }
        catch (EtcdDrException e) when (e.ErrorId is "NotASnapshot" or "SnapshotIncomplete" or "SnapshotFileMissing" or "SnapshotManifestInvalid")
        {
            throw Different(placed, e.Message, e);
        }
    }

    private static EtcdDrException Different(EtcdSnapshot placed, string difference, Exception? error) => new(
        "SnapshotExists",
        EtcdDrErrorCategory.InvalidOperation,
        Errors.SnapshotExists.With(placed, difference),
        Errors.SnapshotExists_Action,
        placed.ToString(),
        error);

    /// <summary>Makes the temporary directory, or takes over the one that a cut copy left, if it is ours and there is room for the rest.</summary>
    private async Task PrepareAsync(ISnapshotStore store, CancellationToken cancellationToken)
    {
        await store.CreateDirectoryAsync(string.Empty, cancellationToken);
        var left = await store.StatAsync(Partial, cancellationToken);
        if (left is not null && (!left.IsDirectory || left.Mode is not (null or PosixFiles.DirectoryMode)))
        {
            throw StoreErrors.NotWritable(
                $"{store.DisplayName}/{Partial}", new IOException(Errors.DestinationNotWritable_InTheWay_Part));
        }

        var there = left is null ? 0 : await KeepUsefulAsync(store, cancellationToken);
        var needed = source.Entries.Sum(e => e.Size) - there;
        if (await store.FreeBytesAsync(cancellationToken) is { } free && free < needed)
        {
            throw StoreErrors.Full(store.DisplayName, detail: Errors.DestinationFull_More_Part.With(Name, needed, free));
        }

        await store.CreateDirectoryAsync(Partial, cancellationToken);

        // Level by level, each level at once: over a long way each answer takes its time.
        foreach (var level in Directories().GroupBy(d => d.Count(c => c == '/')).OrderBy(l => l.Key))
        {
            await Task.WhenAll(level.Select(d => store.CreateDirectoryAsync(StorePath.Combine(Partial, d), cancellationToken)));
        }
    }

    /// <summary>Removes from a cut copy what is no part of this snapshot; returns how many bytes are left.</summary>
    private async Task<long> KeepUsefulAsync(ISnapshotStore store, CancellationToken cancellationToken)
    {
        var expected = source.Entries.Select(e => e.Path).Concat(Directories()).ToHashSet(StringComparer.Ordinal);
        var kept = 0L;
        var stray = new List<string>();
        await foreach (var entry in store.ListAsync(Partial, cancellationToken))
        {
            if (entry.IsLink || !expected.Contains(entry.Path[(Partial.Length + 1)..]))
            {
                stray.Add(entry.Path);
            }
            else
            {
                kept += entry.Size;
            }
        }

        foreach (var path in stray)
        {
            await store.DeleteAsync(path, cancellationToken);
        }

        return kept;
    }

    private IEnumerable<string> Directories() => source.Entries
        .SelectMany(e => Above(e.Path))
        .Distinct(StringComparer.Ordinal)
        .Order(StringComparer.Ordinal);

    private static IEnumerable<string> Above(string path)
    {
        for (var directory = StorePath.Parent(path); directory.Length > 0; directory = StorePath.Parent(directory))
        {
            yield return directory;
        }
    }

    private async Task CopyFilesAsync(ISnapshotStore store, TransferProgress progress, CancellationToken cancellationToken)
    {
        var links = source.Entries.Where(e => e.IsLink).Select(e => e.Path).ToList();
        if (links.Count > 0)
        {
            throw SnapshotErrors.Altered(_snapshot.ToString(), Errors.SnapshotAltered_Link_Part.With(links[0]));
        }

        // One large file at a time keeps the link full; the small ones go beside it.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var large = CopyLargeAsync(store, progress, stop.Token);
        var small = Parallel.ForEachAsync(
            source.Entries.Where(e => e.Size < SmallFile),
            new ParallelOptions { MaxDegreeOfParallelism = SmallFilesAtOnce, CancellationToken = stop.Token },
            async (file, ct) => await CopySmallAsync(store, file, progress, ct));
        await FirstFailureStopsAsync([large, small], stop);
    }

    private static async Task FirstFailureStopsAsync(List<Task> tasks, CancellationTokenSource stop)
    {
        while (tasks.Count > 0)
        {
            var done = await Task.WhenAny(tasks);
            tasks.Remove(done);
            if (done.IsCompletedSuccessfully)
            {
                continue;
            }

            await stop.CancelAsync();
            await Task.WhenAll(tasks).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await done;
        }
    }

    private async Task CopyLargeAsync(ISnapshotStore store, TransferProgress progress, CancellationToken cancellationToken)
    {
        foreach (var file in source.Entries.Where(e => e.Size >= SmallFile).OrderByDescending(e => e.Size))
        {
            using var copy = new LargeFileCopy(source, file, store, StorePath.Combine(Partial, file.Path), progress, ListedSum(file.Path), BlockSize);
            Expect(file.Path, await copy.RunAsync(cancellationToken));
        }
    }

    private async Task CopySmallAsync(ISnapshotStore store, SnapshotStoreEntry file, TransferProgress progress, CancellationToken cancellationToken)
    {
        var content = await SnapshotRecognizer.ReadSmallAsync(source.Store, file.Path, SmallFile, cancellationToken);
        var sum = Convert.ToHexString(SHA256.HashData(content)).ToLowerInvariant();
        Expect(file.Path, sum);
        _sums[file.Path] = sum;
        using var stream = new MemoryStream(content, writable: false);
        await store.WriteUnsyncedAsync(StorePath.Combine(Partial, file.Path), stream, 0, null, cancellationToken);
        CryptographicOperations.ZeroMemory(content);
        progress.Add(file.Size);
    }

    /// <summary>Refuses a source whose file is not what its manifest says.</summary>
    private void Expect(string path, string sum)
    {
        if (ListedSum(path) is { } listed && listed != sum)
        {
            throw SnapshotErrors.Altered(_snapshot.ToString(), Errors.SnapshotAltered_Sum_Part.With(path));
        }
    }

    private string? ListedSum(string path) => source.StoredManifest?.Files.FirstOrDefault(f => f.Path == path)?.Sha256;

    private async Task VerifySmallAsync(ISnapshotStore store, CancellationToken cancellationToken)
    {
        var paths = _sums.Keys.Order(StringComparer.Ordinal).ToList();
        var there = await store.Sha256Async([.. paths.Select(p => StorePath.Combine(Partial, p))], cancellationToken);
        for (var i = 0; i < paths.Count; i++)
        {
            if (there[i] != _sums[paths[i]])
            {
                throw new EtcdDrException(
                    "CopyNotVerified",
                    EtcdDrErrorCategory.InvalidData,
                    Errors.CopyNotVerified.With(paths[i], store.DisplayName),
                    Errors.CopyNotVerified_Action,
                    store.DisplayName);
            }
        }
    }

    /// <summary>Brings all to disk and gives it its name: from then on it is a snapshot.</summary>
    private async Task FinishAsync(ISnapshotStore store, CancellationToken cancellationToken)
    {
        var all = source.Entries.Select(e => e.Path).Concat(Directories()).Select(p => StorePath.Combine(Partial, p));
        await store.SyncAsync([.. all, Partial], cancellationToken);
        if (_snapshot.Format == SnapshotFormat.Database)
        {
            await store.RenameAsync(StorePath.Combine(Partial, Name), Name, cancellationToken);
            await store.DeleteAsync(Partial, cancellationToken);
            return;
        }

        await store.RenameAsync(Partial, Name, cancellationToken);
    }
}
