using System.Collections.Concurrent;

namespace EtcdDr.Engine.Snapshots.Places.Objects;

/// <summary>
/// A snapshot that is written into a bucket while it is taken: its files under the keys that they keep, and last, when the bucket lists all
/// of them as they were written, the manifest.
/// </summary>
internal sealed class ObjectDraft : ISnapshotDraft
{
    private static readonly TimeSpan CleanUpLimit = TimeSpan.FromSeconds(30);

    private readonly ObjectStore _store;
    private readonly IObjectBucket _bucket;
    private readonly ConcurrentDictionary<string, WrittenObject> _written = new(StringComparer.Ordinal);
    private bool _marking;

    private ObjectDraft(ObjectStore store, IObjectBucket bucket, string name)
    {
        _store = store;
        _bucket = bucket;
        Name = name;
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>Looks whether the name is free. Another command that begins in the same moment is found out when the first of both
    /// publishes.</summary>
    public static async Task<ObjectDraft?> BeginAsync(
        ObjectStore store,
        IObjectBucket bucket,
        string name,
        CancellationToken cancellationToken
    )
    {
        var taken =
            (await store.ObjectsAsync(name, cancellationToken)).Count > 0 || (await store.UploadsAsync(name, cancellationToken)).Count > 0;
        return taken ? null : new ObjectDraft(store, bucket, name);
    }

    /// <inheritdoc/>
    public Task RequireSpaceAsync(long bytes, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task<DraftStream> CreateAsync(string path, CancellationToken cancellationToken) =>
        Task.FromResult<DraftStream>(
            new ObjectDraftStream(_store, _bucket, PathOf(path), written => _written[path] = written, cancellationToken)
        );

    /// <inheritdoc/>
    public Task DiscardAsync(string path, CancellationToken cancellationToken) =>
        _store.WritingAsync(
            PathOf(path),
            async () =>
            {
                var gone = _written.Keys.Where(k => k == path || k.StartsWith($"{path}/", StringComparison.Ordinal)).ToList();
                await _bucket.DeleteAsync([.. gone.Select(k => _store.Key(PathOf(k)))], cancellationToken);
                gone.ForEach(k => _written.TryRemove(k, out _));
                return true;
            }
        );

    /// <inheritdoc/>
    public async Task ReadAsync(string path, long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var place = PathOf(path);
        await using var stream = await ObjectReadStream.OpenAsync(
            _bucket,
            _store.Key(place),
            _store.FullPath(place),
            offset,
            buffer.Length,
            _written[path].Version,
            cancellationToken
        );
        if (await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken) < buffer.Length)
        {
            throw SnapshotErrors.Altered(_store.FullPath(Name), Errors.SnapshotAltered_Shorter_Part.With(path));
        }
    }

    /// <inheritdoc/>
    public string? LocalPath(string path) => null;

    /// <inheritdoc/>
    public Task PublishAsync(ReadOnlyMemory<byte> manifest, CancellationToken cancellationToken) =>
        _store.WritingAsync(
            Name,
            async () =>
            {
                await WrittenObjects.VerifyAsync(_store, Name, _written, cancellationToken);

                // From here on it may be a snapshot, whatever the answer is, and nothing of it is removed.
                _marking = true;
                await MarkPublication.PublishAsync(_store, _bucket, PathOf(SnapshotManifest.FileName), manifest, cancellationToken);
                return true;
            }
        );

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_marking)
        {
            return;
        }

        // Runs after a failure or a stop: whatever asked for it has ended. What else may hinder it here is what made it fail.
        using var limit = new CancellationTokenSource(CleanUpLimit);
        try
        {
            await _store.RemoveUnfinishedAsync(SnapshotNames.PartialOf(Name), limit.Token);
        }
        catch (Exception e) when (e is EtcdDrException or OperationCanceledException)
        {
            _store.Left(Name, e);
        }
    }

    private string PathOf(string file) => $"{Name}/{file}";
}
