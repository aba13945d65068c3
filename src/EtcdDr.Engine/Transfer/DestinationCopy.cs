using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Snapshots;
using EtcdDr.Engine.Snapshots.Places;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.Transfer;

/// <summary>Copies one snapshot to one place, where it counts when it is whole and checked.</summary>
internal sealed class DestinationCopy(
    SnapshotReader source,
    CopyDestination destination,
    IRemoteHostFactory hosts,
    OperationContext context
)
{
    private const int SmallFilesAtOnce = 8;

    private readonly EtcdSnapshot _snapshot = source.Snapshot;

    /// <summary>Size of the blocks in which large files are resumed and checked; a multiple of 1 MiB.</summary>
    public int BlockSize { get; init; } = SnapshotUpload.DefaultBlockSize;

    private string Name => _snapshot.Name;

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
            RefuseLinks();
            await using var upload = await store.UploadAsync(Upload(progress), cancellationToken);
            await CopyFilesAsync(upload, cancellationToken);
            progress.Step("Verifying");
            await upload.PublishAsync(cancellationToken);
            return placed;
        }
        finally
        {
            progress.Complete();
        }
    }

    private EtcdSnapshot Placed(ISnapshotStore store) =>
        _snapshot with
        {
            Path = store.FullPath(Name),
            Place = destination.Location.Place,
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
        catch (EtcdDrException e)
            when (e.ErrorId is "NotASnapshot" or "SnapshotIncomplete" or "SnapshotFileMissing" or "SnapshotManifestInvalid")
        {
            throw Different(placed, e.Message, e);
        }
    }

    private static EtcdDrException Different(EtcdSnapshot placed, string difference, Exception? error) =>
        new(
            "SnapshotExists",
            EtcdDrErrorCategory.InvalidOperation,
            Errors.SnapshotExists.With(placed, difference),
            Errors.SnapshotExists_Action,
            placed.ToString(),
            error
        );

    private SnapshotUpload Upload(IUploadProgress progress) =>
        new()
        {
            Name = Name,
            IsFile = _snapshot.Format == SnapshotFormat.Database,
            Source = _snapshot.ToString(),
            Files = source.Entries,
            OpenAsync = source.Store.OpenReadAsync,
            Sum = path => source.StoredManifest?.Files.FirstOrDefault(f => f.Path == path)?.Sha256,
            Progress = progress,
            BlockSize = BlockSize,
        };

    private void RefuseLinks()
    {
        if (source.Entries.FirstOrDefault(e => e.IsLink) is { } link)
        {
            throw SnapshotErrors.Altered(_snapshot.ToString(), Errors.SnapshotAltered_Link_Part.With(link.Path));
        }
    }

    private async Task CopyFilesAsync(ISnapshotUpload upload, CancellationToken cancellationToken)
    {
        // One large file at a time keeps the link full; the small ones go beside it.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var large = CopyLargeAsync(upload, stop.Token);
        var small = Parallel.ForEachAsync(
            source.Entries.Where(e => e.Size < SnapshotUpload.SmallFile),
            new ParallelOptions { MaxDegreeOfParallelism = SmallFilesAtOnce, CancellationToken = stop.Token },
            async (file, ct) => await upload.WriteAsync(file, ct)
        );
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

    private async Task CopyLargeAsync(ISnapshotUpload upload, CancellationToken cancellationToken)
    {
        foreach (var file in source.Entries.Where(e => e.Size >= SnapshotUpload.SmallFile).OrderByDescending(e => e.Size))
        {
            await upload.WriteAsync(file, cancellationToken);
        }
    }
}
