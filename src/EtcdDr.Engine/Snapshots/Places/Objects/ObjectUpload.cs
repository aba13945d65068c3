using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace EtcdDr.Engine.Snapshots.Places.Objects;

/// <summary>
/// Brings a snapshot into a bucket: its files under the keys that they will have, and last, when the bucket lists all of them as they were
/// sent, the mark that makes them a snapshot.
/// </summary>
internal sealed class ObjectUpload : ISnapshotUpload
{
    private readonly ObjectStore _store;
    private readonly IObjectBucket _bucket;
    private readonly SnapshotUpload _upload;
    private readonly int _partSize;
    private readonly string? _mark;
    private readonly ConcurrentDictionary<string, string> _versions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _there = new(StringComparer.Ordinal);
    private readonly Dictionary<string, PartsUpload> _cut = new(StringComparer.Ordinal);
    private ObjectWriter? _single;

    private ObjectUpload(ObjectStore store, IObjectBucket bucket, SnapshotUpload upload, int partSize)
    {
        _store = store;
        _bucket = bucket;
        _upload = upload;
        _partSize = partSize;
        _mark = upload.IsFile ? null : SnapshotMarks.Of(upload.Files.Select(f => f.Path));
    }

    /// <summary>Looks what a cut upload left; what is no part of this snapshot goes.</summary>
    public static async Task<ObjectUpload> BeginAsync(
        ObjectStore store,
        IObjectBucket bucket,
        SnapshotUpload upload,
        int partSize,
        CancellationToken cancellationToken
    )
    {
        var begun = new ObjectUpload(store, bucket, upload, Math.Max(partSize, SmallestFor(upload, bucket.MostParts)));
        await begun.PrepareAsync(cancellationToken);
        return begun;
    }

    /// <inheritdoc/>
    public Task WriteAsync(SnapshotStoreEntry file, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(file);
        return _store.WritingAsync(
            PathOf(file.Path),
            async () =>
            {
                if (file.Path != _mark)
                {
                    await WriteNowAsync(file, cancellationToken);
                }

                return true;
            }
        );
    }

    /// <inheritdoc/>
    public Task PublishAsync(CancellationToken cancellationToken) =>
        _store.WritingAsync(
            _upload.Name,
            async () =>
            {
                if (_upload.IsFile)
                {
                    await _single!.CompleteAsync(onlyNew: true, cancellationToken);
                    return true;
                }

                await VerifyAsync(cancellationToken);
                await PublishMarkAsync(cancellationToken);
                return true;
            }
        );

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_single is not null)
        {
            await _single.DisposeAsync();
        }
    }

    // So that the largest file has no more parts than may be.
    private static int SmallestFor(SnapshotUpload upload, int parts)
    {
        const long MiB = 1024 * 1024;
        var largest = upload.Files.Select(f => f.Size).DefaultIfEmpty().Max();
        return checked((int)(((largest / parts) + MiB) / MiB * MiB));
    }

    private async Task PrepareAsync(CancellationToken cancellationToken)
    {
        if (await _store.StatAsync(_upload.Name, cancellationToken) is not null)
        {
            throw StoreErrors.Exists(_store.FullPath(_upload.Name));
        }

        var expected = _upload.Files.Select(f => f.Path).Where(p => p != _mark).ToHashSet(StringComparer.Ordinal);
        var strangers = new List<string>();
        foreach (var stored in _upload.IsFile ? [] : await _store.ObjectsAsync(_upload.Name, cancellationToken))
        {
            if (expected.Contains(stored.Key))
            {
                _there[stored.Key] = stored.Size;
            }
            else
            {
                strangers.Add(KeyOf(stored.Key));
            }
        }

        if (strangers.Count > 0)
        {
            await _bucket.DeleteAsync(strangers, cancellationToken);
        }

        await FindCutAsync(expected, cancellationToken);
    }

    // Of several uploads of one file that were cut the newest goes on.
    private async Task FindCutAsync(HashSet<string> expected, CancellationToken cancellationToken)
    {
        var below = _upload.IsFile ? string.Empty : _upload.Name;
        var cut = (await _store.UploadsAsync(below, cancellationToken)).Where(u => !_upload.IsFile || u.Key == _upload.Name);
        foreach (var upload in cut.OrderByDescending(u => u.Begun))
        {
            var path = _upload.IsFile ? upload.Key : upload.Key[(_upload.Name.Length + 1)..];
            if (!expected.Contains(path) || !_cut.TryAdd(path, upload))
            {
                await _bucket.AbortAsync(_store.Absolute(upload), cancellationToken);
            }
        }
    }

    private async Task WriteNowAsync(SnapshotStoreEntry file, CancellationToken cancellationToken)
    {
        if (await IsThereAsync(file, cancellationToken) is { } version)
        {
            _versions[file.Path] = version;
            _upload.Progress.Add(file.Size);
            return;
        }

        var left = _cut.GetValueOrDefault(file.Path);
        var parts = left is null ? [] : await _store.PartsAsync(left, cancellationToken);
        var writer = new ObjectWriter(_bucket, KeyOf(file.Path), _partSize, left is null ? null : _store.Absolute(left), parts);
        try
        {
            var sum = await SendAsync(file, writer, cancellationToken);
            if (_upload.IsFile)
            {
                _single = writer;
                return;
            }

            _versions[file.Path] = await CompleteAsync(file, writer, sum, cancellationToken);
        }
        finally
        {
            if (_single != writer)
            {
                await writer.DisposeAsync();
            }
        }
    }

    /// <summary>The version of a large file that an upload left which was cut later, if it is what the manifest lists: it is read back, and
    /// nothing that anybody wrote about it is believed.</summary>
    private async Task<string?> IsThereAsync(SnapshotStoreEntry file, CancellationToken cancellationToken)
    {
        if (
            file.Size < SnapshotUpload.SmallFile
            || !_there.TryGetValue(file.Path, out var size)
            || size != file.Size
            || _upload.Sum(file.Path) is not { } listed
        )
        {
            return null;
        }

        _upload.Progress.Step("Checking what is there");
        var before = await _bucket.StatAsync(KeyOf(file.Path), cancellationToken);
        return before is not null && await _store.Sha256Async(PathOf(file.Path), cancellationToken) == listed ? before.Version : null;
    }

    private async Task<string> SendAsync(SnapshotStoreEntry file, ObjectWriter writer, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using var source = await _upload.OpenAsync(file.Path, 0, cancellationToken);
        await using var bounded = new BoundedStream(source, file.Size);
        var length = await StreamPump.RunAsync(
            bounded,
            async (bytes, ct) =>
            {
                hash.AppendData(bytes.Span);
                await writer.WriteAsync(bytes, ct);
                _upload.Progress.Add(bytes.Length);
            },
            cancellationToken
        );
        if (length < file.Size)
        {
            throw SnapshotErrors.Altered(_upload.Source, Errors.SnapshotAltered_Shorter_Part.With(file.Path));
        }

        var sum = Convert.ToHexStringLower(hash.GetHashAndReset());
        if (_upload.Sum(file.Path) is { } listed && listed != sum)
        {
            throw SnapshotErrors.Altered(_upload.Source, Errors.SnapshotAltered_Sum_Part.With(file.Path));
        }

        await writer.FinishAsync(cancellationToken);
        return sum;
    }

    // The answer may have been lost: then the upload is gone, and the object is there and what was sent.
    private async Task<string> CompleteAsync(SnapshotStoreEntry file, ObjectWriter writer, string sum, CancellationToken cancellationToken)
    {
        try
        {
            return await writer.CompleteAsync(onlyNew: false, cancellationToken);
        }
        catch (BucketFailure failure) when (failure.Kind == BucketFailureKind.NotFound)
        {
            var there = await _bucket.StatAsync(KeyOf(file.Path), cancellationToken);
            if (there?.Size == file.Size && await _store.Sha256Async(PathOf(file.Path), cancellationToken) == sum)
            {
                return there.Version;
            }

            throw;
        }
    }

    private Task VerifyAsync(CancellationToken cancellationToken) =>
        WrittenObjects.VerifyAsync(
            _store,
            _upload.Name,
            _upload
                .Files.Where(f => f.Path != _mark)
                .Select(f => KeyValuePair.Create(f.Path, new WrittenObject(f.Size, _versions.GetValueOrDefault(f.Path, string.Empty)))),
            cancellationToken
        );

    private async Task PublishMarkAsync(CancellationToken cancellationToken)
    {
        if (_mark is null)
        {
            return;
        }

        var file = _upload.Files.First(f => f.Path == _mark);
        await using var source = await _upload.OpenAsync(_mark, 0, cancellationToken);
        var content = await SnapshotRecognizer.ReadSmallAsync(
            source,
            _mark,
            _upload.Source,
            SnapshotManifest.MaximumLength,
            cancellationToken
        );
        if (content.Length != file.Size)
        {
            throw SnapshotErrors.Altered(_upload.Source, Errors.SnapshotAltered_Shorter_Part.With(_mark));
        }

        if (_upload.Sum(_mark) is { } sum && sum != Convert.ToHexStringLower(SHA256.HashData(content)))
        {
            throw SnapshotErrors.Altered(_upload.Source, Errors.SnapshotAltered_Sum_Part.With(_mark));
        }

        await MarkPublication.PublishAsync(_store, _bucket, PathOf(_mark), content, cancellationToken);
        _upload.Progress.Add(content.Length);
    }

    private string PathOf(string file) => _upload.IsFile ? _upload.Name : $"{_upload.Name}/{file}";

    private string KeyOf(string file) => _store.Key(PathOf(file));
}
