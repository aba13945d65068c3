using System.Collections.Concurrent;

namespace EtcdDr.Engine.Snapshots.Places.Objects;

/// <summary>
/// A place in a bucket: keys below a prefix, <c>PREFIX/SNAPSHOT/FILE</c>. There are no directories, no appending and no renaming: a
/// snapshot counts when its mark is there (<see cref="SnapshotMarks"/>), which is written last, where the bucket knows conditions only if
/// it is not there, and removed first.
/// </summary>
internal sealed class ObjectStore : ISnapshotStore
{
    private readonly IObjectBucket _bucket;
    private readonly string _prefix;
    private readonly Action<string> _warn;
    private readonly ConcurrentDictionary<string, MemoryStream> _logs = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _left = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _logging = new(1, 1);

    /// <summary>Opens a place.</summary>
    /// <param name="bucket">The bucket, which becomes the place's.</param>
    /// <param name="prefix">What its keys begin with, without a slash at the end; empty for the whole bucket.</param>
    /// <param name="warn">Told what users ought to know of the place.</param>
    public ObjectStore(IObjectBucket bucket, string prefix, Action<string> warn)
    {
        _bucket = bucket;
        _prefix = prefix;
        _warn = warn;
    }

    /// <inheritdoc/>
    public string DisplayName => Root;

    /// <inheritdoc/>
    public string Root => _prefix.Length == 0 ? _bucket.Address : $"{_bucket.Address}/{_prefix}";

    /// <summary>Bytes of a part of a large file: what is lost at most where an upload is cut.</summary>
    internal int PartSize { get; init; } = SnapshotUpload.DefaultBlockSize;

    /// <inheritdoc/>
    public string FullPath(string path) => path.Length == 0 ? Root : $"{Root}/{path}";

    /// <inheritdoc/>
    public string? LocalPath(string path) => null;

    /// <inheritdoc/>
    public async Task<SnapshotStoreEntry?> StatAsync(string path, CancellationToken cancellationToken)
    {
        StorePath.Check(path, DisplayName);
        try
        {
            return path.Length == 0 ? await StatRootAsync(cancellationToken) : await StatBelowAsync(path, cancellationToken);
        }
        catch (BucketFailure failure)
        {
            throw ObjectErrors.Reading(failure, FullPath(path));
        }
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<SnapshotStoreEntry>> ListDirectoryAsync(string path, CancellationToken cancellationToken)
    {
        StorePath.Check(path, DisplayName);
        if (path.Length == 0)
        {
            return (await TreeAsync(cancellationToken)).List(string.Empty);
        }

        var below = new ObjectTree(await ObjectsAsync(await KeyAsync(path, cancellationToken), cancellationToken));
        return [.. below.List(string.Empty).Select(e => e with { Path = StorePath.Combine(path, e.Path) })];
    }

    /// <inheritdoc/>
    public async Task<ISnapshotStore> ListedAsync(CancellationToken cancellationToken) =>
        new ListedStore(this, await TreeAsync(cancellationToken));

    /// <inheritdoc/>
    public async Task<Stream> OpenReadAsync(string path, long offset, CancellationToken cancellationToken)
    {
        StorePath.Check(path, DisplayName);
        return await ObjectReadStream.OpenAsync(_bucket, Key(path), FullPath(path), offset, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> Sha256Async(IReadOnlyList<string> paths, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(paths);
        var sums = new List<string>(paths.Count);
        foreach (var path in paths)
        {
            await using var stream = await OpenReadAsync(path, 0, cancellationToken);
            sums.Add((await StreamPump.HashAsync(stream, null, cancellationToken)).Sha256);
        }

        return sums;
    }

    /// <inheritdoc/>
    public async Task<ISnapshotUpload> UploadAsync(SnapshotUpload upload, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(upload);
        StorePath.Check(upload.Name, DisplayName);
        return await WritingAsync(
            upload.Name,
            () => ObjectUpload.BeginAsync(this, _bucket, upload, Math.Max(PartSize, _bucket.SmallestPart), cancellationToken)
        );
    }

    /// <inheritdoc/>
    public async Task<ISnapshotDraft?> DraftAsync(string name, CancellationToken cancellationToken)
    {
        StorePath.Check(name, DisplayName);
        return await WritingAsync(name, () => ObjectDraft.BeginAsync(this, _bucket, name, cancellationToken));
    }

    /// <inheritdoc/>
    public Task RemoveAsync(string name, IReadOnlyList<string> files, CancellationToken cancellationToken)
    {
        StorePath.Check(name, DisplayName);
        return WritingAsync(
            name,
            async () =>
            {
                await _bucket.DeleteAsync([.. SnapshotMarks.All.Select(m => Key($"{name}/{m}"))], cancellationToken);
                await DeleteBelowAsync(name, cancellationToken);
                return true;
            }
        );
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<UnfinishedUpload>> FindUnfinishedAsync(CancellationToken cancellationToken)
    {
        var tree = await TreeAsync(cancellationToken);
        var found = tree.List(string.Empty)
            .Where(e => e.IsDirectory && SnapshotNames.IsUnfinished(e.Name))
            .ToDictionary(e => e.Name, e => Below(tree, e), StringComparer.Ordinal);
        foreach (var upload in await UploadsAsync(string.Empty, cancellationToken))
        {
            var name = upload.Key.Split('/')[0];
            if (!name.StartsWith(SnapshotNames.Prefix, StringComparison.Ordinal) || tree.Stat(name) is not null)
            {
                continue;
            }

            var parts = await PartsAsync(upload, cancellationToken);
            var partial = SnapshotNames.PartialOf(name);
            var before = found.GetValueOrDefault(partial) ?? new UnfinishedUpload(partial, upload.Begun, 0);
            var changed = parts.Select(p => p.Written ?? upload.Begun).Append(upload.Begun).Append(before.LastChanged).Max();
            found[partial] = before with { LastChanged = changed, Size = before.Size + parts.Sum(p => p.Size) };
        }

        return [.. found.Values];
    }

    /// <inheritdoc/>
    public Task RemoveUnfinishedAsync(string name, CancellationToken cancellationToken)
    {
        if (!SnapshotNames.IsUnfinished(name))
        {
            throw new ArgumentException("Only what an unfinished snapshot left is removed so.", nameof(name));
        }

        var snapshot = SnapshotNames.OfUnfinished(name);
        return WritingAsync(
            name,
            async () =>
            {
                // It may have been published since it was listed.
                if (await IsPublishedAsync(snapshot, cancellationToken))
                {
                    return true;
                }

                await AbortBelowAsync(snapshot, cancellationToken);
                await DeleteBelowAsync(snapshot, cancellationToken);
                return true;
            }
        );
    }

    /// <inheritdoc/>
    public Task DeleteAsync(string path, CancellationToken cancellationToken)
    {
        StorePath.Check(path, DisplayName);
        if (path.Length == 0)
        {
            throw StorePath.Outside(path, DisplayName);
        }

        return WritingAsync(
            path,
            async () =>
            {
                await _bucket.DeleteAsync([Key(path)], cancellationToken);
                await DeleteBelowAsync(path, cancellationToken);
                return true;
            }
        );
    }

    /// <inheritdoc/>
    public Task CreateDirectoryAsync(string path, CancellationToken cancellationToken)
    {
        StorePath.Check(path, DisplayName);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task WriteWholeAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        StorePath.Check(path, DisplayName);
        return WritingAsync(path, () => _bucket.PutAsync(Key(path), content, onlyNew: false, cancellationToken));
    }

    /// <inheritdoc/>
    public async Task AppendAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        StorePath.Check(path, DisplayName);
        await _logging.WaitAsync(cancellationToken);
        try
        {
            var log = _logs.TryGetValue(path, out var known) ? known : await LogAsync(path, cancellationToken);
            await log.WriteAsync(content, cancellationToken);
        }
        finally
        {
            _logging.Release();
        }
    }

    /// <inheritdoc/>
    public async Task SyncAsync(IReadOnlyList<string> paths, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(paths);
        await _logging.WaitAsync(cancellationToken);
        try
        {
            foreach (var path in paths)
            {
                if (_logs.TryGetValue(path, out var log))
                {
                    await WriteWholeAsync(path, log.ToArray(), cancellationToken);
                }
            }
        }
        finally
        {
            _logging.Release();
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _bucket.Dispose();
        _logging.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>The key of a path.</summary>
    internal string Key(string path) =>
        _prefix.Length == 0 ? path
        : path.Length == 0 ? _prefix
        : $"{_prefix}/{path}";

    /// <summary>All objects below a path; their keys are relative to it.</summary>
    internal async Task<IReadOnlyList<StoredObject>> ObjectsAsync(string path, CancellationToken cancellationToken)
    {
        var prefix = Below(path);
        var objects = new List<StoredObject>();
        try
        {
            string? next = null;
            do
            {
                var page = await _bucket.ListAsync(prefix, next, cancellationToken);
                objects.AddRange(Relative(page.Items, o => o.Key, prefix).Select(o => o with { Key = o.Key[prefix.Length..] }));
                next = page.Next;
            } while (next is not null);
        }
        catch (BucketFailure failure)
        {
            throw ObjectErrors.Reading(failure, FullPath(path));
        }

        return objects;
    }

    /// <summary>Uploads in parts of keys below a path that were not completed; their keys are relative to the place.</summary>
    internal async Task<IReadOnlyList<PartsUpload>> UploadsAsync(string path, CancellationToken cancellationToken)
    {
        var prefix = Below(path);
        var uploads = new List<PartsUpload>();
        try
        {
            string? next = null;
            do
            {
                var page = await _bucket.UploadsAsync(prefix, next, cancellationToken);
                uploads.AddRange(Relative(page.Items, u => u.Key, prefix));
                next = page.Next;
            } while (next is not null);
        }
        catch (BucketFailure failure)
        {
            throw ObjectErrors.Reading(failure, FullPath(path));
        }

        var place = Below(string.Empty).Length;
        return [.. uploads.Select(u => u with { Key = u.Key[place..] })];
    }

    /// <summary>The parts of an upload, its key relative to the place.</summary>
    internal async Task<IReadOnlyList<ObjectPart>> PartsAsync(PartsUpload upload, CancellationToken cancellationToken)
    {
        var parts = new List<ObjectPart>();
        try
        {
            string? next = null;
            do
            {
                var page = await _bucket.PartsAsync(Absolute(upload), next, cancellationToken);
                parts.AddRange(page.Items);
                next = page.Next;
            } while (next is not null);
        }
        catch (BucketFailure failure) when (failure.Kind == BucketFailureKind.NotFound)
        {
            // Completed or given up meanwhile.
            return [];
        }
        catch (BucketFailure failure)
        {
            throw ObjectErrors.Reading(failure, FullPath(upload.Key));
        }

        return parts;
    }

    /// <summary>The upload as the bucket knows it.</summary>
    internal PartsUpload Absolute(PartsUpload upload) => upload with { Key = Key(upload.Key) };

    /// <summary>Whether a snapshot's mark is there.</summary>
    internal async Task<bool> IsPublishedAsync(string name, CancellationToken cancellationToken)
    {
        foreach (var mark in SnapshotMarks.All)
        {
            if (await _bucket.StatAsync(Key($"{name}/{mark}"), cancellationToken) is not null)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Does what may fail as a write to a path.</summary>
    internal async Task<T> WritingAsync<T>(string path, Func<Task<T>> write)
    {
        try
        {
            return await write();
        }
        catch (BucketFailure failure)
        {
            throw ObjectErrors.Writing(failure, FullPath(path));
        }
    }

    /// <summary>Tells users that something of a snapshot that was given up could not be removed.</summary>
    internal void Left(string path, Exception why)
    {
        var name = SnapshotNames.PartialOf(path.Split('/')[0]);
        if (_left.TryAdd(name, true))
        {
            _warn(
                $"What was written of the snapshot that was given up stays in the bucket as '{FullPath(name)}': {why.Message} "
                    + "It is no snapshot; Remove-EtcdSnapshot -Unfinished removes it when the bucket can be written again."
            );
        }
    }

    /// <summary>Tells users what they ought to know of the place.</summary>
    internal void Warn(string message) => _warn(message);

    private static UnfinishedUpload Below(ObjectTree tree, SnapshotStoreEntry directory)
    {
        var (changed, size) = (DateTime.UnixEpoch, 0L);
        var left = new Stack<string>([directory.Path]);
        while (left.TryPop(out var path))
        {
            foreach (var entry in tree.List(path))
            {
                if (entry.IsDirectory)
                {
                    left.Push(entry.Path);
                    continue;
                }

                changed = entry.Modified > changed ? entry.Modified : changed;
                size += entry.Size;
            }
        }

        return new UnfinishedUpload(directory.Name, changed, size);
    }

    // A bucket that lists what was not asked for is not believed.
    private static IEnumerable<T> Relative<T>(IEnumerable<T> items, Func<T, string> key, string prefix) =>
        items.Where(i => key(i).Length > prefix.Length && key(i).StartsWith(prefix, StringComparison.Ordinal));

    private string Below(string path) => Key(path) is { Length: > 0 } key ? $"{key}/" : string.Empty;

    private async Task<ObjectTree> TreeAsync(CancellationToken cancellationToken) =>
        new(await ObjectsAsync(string.Empty, cancellationToken));

    // What is shown under the name of an unfinished snapshot lies under the name that it will have.
    private async Task<string> KeyAsync(string path, CancellationToken cancellationToken) =>
        SnapshotNames.IsUnfinished(path.Split('/')[0]) ? (await TreeAsync(cancellationToken)).KeyOf(path) : path;

    private async Task<SnapshotStoreEntry?> StatRootAsync(CancellationToken cancellationToken)
    {
        if (_prefix.Length > 0 && await _bucket.StatAsync(_prefix, cancellationToken) is { } file)
        {
            return new SnapshotStoreEntry(string.Empty, IsDirectory: false, file.Size, Mode: null, file.Modified);
        }

        var first = await _bucket.ListAsync(Below(string.Empty), null, cancellationToken);
        return _prefix.Length == 0 || first.Items.Count > 0
            ? new SnapshotStoreEntry(string.Empty, IsDirectory: true, 0, Mode: null, DateTime.UnixEpoch)
            : null;
    }

    private async Task<SnapshotStoreEntry?> StatBelowAsync(string path, CancellationToken cancellationToken)
    {
        if (await _bucket.StatAsync(Key(path), cancellationToken) is { } file)
        {
            return new SnapshotStoreEntry(path, IsDirectory: false, file.Size, Mode: null, file.Modified);
        }

        var first = await _bucket.ListAsync(Below(path), null, cancellationToken);
        var counts =
            first.Items.Count > 0 && (path.Contains('/', StringComparison.Ordinal) || await IsPublishedAsync(path, cancellationToken));
        return counts ? new SnapshotStoreEntry(path, IsDirectory: true, 0, Mode: null, first.Items[0].Modified) : null;
    }

    private async Task DeleteBelowAsync(string path, CancellationToken cancellationToken)
    {
        var objects = await ObjectsAsync(path, cancellationToken);
        if (objects.Count > 0)
        {
            await _bucket.DeleteAsync([.. objects.Select(o => Below(path) + o.Key)], cancellationToken);
        }
    }

    private async Task AbortBelowAsync(string path, CancellationToken cancellationToken)
    {
        foreach (var upload in await UploadsAsync(path, cancellationToken))
        {
            await _bucket.AbortAsync(Absolute(upload), cancellationToken);
        }
    }

    // A log is kept in memory and written whole: nothing can be added to an object.
    private async Task<MemoryStream> LogAsync(string path, CancellationToken cancellationToken)
    {
        var log = new MemoryStream();
        if (await StatAsync(path, cancellationToken) is { IsDirectory: false })
        {
            await using var before = await OpenReadAsync(path, 0, cancellationToken);
            await before.CopyToAsync(log, cancellationToken);
        }

        return _logs[path] = log;
    }
}
