using System.Collections.Concurrent;

namespace EtcdDr.Engine.Snapshots.Places.Directories;

/// <summary>A snapshot that is written into a directory while it is taken: under a temporary name, then renamed.</summary>
internal sealed class DirectoryDraft : ISnapshotDraft
{
    private static readonly TimeSpan CleanUpLimit = TimeSpan.FromMinutes(1);

    private readonly DirectoryStore _store;
    private readonly ConcurrentDictionary<string, Task> _directories = new(StringComparer.Ordinal);
    private bool _published;

    private DirectoryDraft(DirectoryStore store, string name)
    {
        _store = store;
        Name = name;
    }

    /// <inheritdoc/>
    public string Name { get; }

    private string Partial => SnapshotNames.PartialOf(Name);

    /// <summary>Takes the name by making the temporary directory; null where it is taken.</summary>
    public static async Task<DirectoryDraft?> BeginAsync(DirectoryStore store, string name, CancellationToken cancellationToken)
    {
        await store.CreateDirectoryAsync(string.Empty, cancellationToken);
        return
            await store.StatAsync(name, cancellationToken) is null
            && await store.TryCreateAsync(SnapshotNames.PartialOf(name), cancellationToken)
            ? new DirectoryDraft(store, name)
            : null;
    }

    /// <inheritdoc/>
    public async Task RequireSpaceAsync(long bytes, CancellationToken cancellationToken)
    {
        if (await _store.FreeBytesAsync(cancellationToken) is { } free && free < bytes)
        {
            throw StoreErrors.Full(_store.DisplayName, null, Errors.DestinationFull_Bytes_Part.With(Megabytes(bytes), Megabytes(free)));
        }
    }

    /// <inheritdoc/>
    public async Task<DraftStream> CreateAsync(string path, CancellationToken cancellationToken)
    {
        await DirectoryAsync(StorePath.Parent(path), cancellationToken);
        return await _store.OpenDraftAsync(StorePath.Combine(Partial, path), cancellationToken);
    }

    /// <inheritdoc/>
    public async Task DiscardAsync(string path, CancellationToken cancellationToken)
    {
        await _store.DeleteAsync(StorePath.Combine(Partial, path), cancellationToken);
        Forget(path);
    }

    /// <inheritdoc/>
    public async Task ReadAsync(string path, long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        await using var stream = await _store.OpenReadAsync(StorePath.Combine(Partial, path), offset, cancellationToken);
        var read = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        if (read < buffer.Length)
        {
            throw SnapshotErrors.Altered(_store.FullPath(Partial), Errors.SnapshotAltered_Shorter_Part.With(path));
        }
    }

    /// <inheritdoc/>
    public string? LocalPath(string path) => _store.LocalPath(StorePath.Combine(Partial, path));

    /// <inheritdoc/>
    public async Task PublishAsync(ReadOnlyMemory<byte> manifest, CancellationToken cancellationToken)
    {
        await using (var file = await CreateAsync(SnapshotManifest.FileName, cancellationToken))
        {
            await file.WriteAsync(manifest, cancellationToken);
            await file.FinishAsync(cancellationToken);
        }

        var written = new List<string>();
        await foreach (var entry in _store.ListAsync(Partial, cancellationToken))
        {
            written.Add(entry.Path);
        }

        await _store.SyncAsync([.. written, Partial], cancellationToken);
        await _store.RenameAsync(Partial, Name, cancellationToken);
        _published = true;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_published)
        {
            return;
        }

        // Runs after a failure or a stop: whatever asked for it has ended.
        using var limit = new CancellationTokenSource(CleanUpLimit);
        try
        {
            await _store.DeleteAsync(Partial, limit.Token);
        }
        catch (Exception e) when (e is EtcdDrException or OperationCanceledException)
        {
            // The failure before this one is what is told; what stays is named by the next command that writes here.
            return;
        }
    }

    private void Forget(string path)
    {
        foreach (var key in _directories.Keys.Where(k => k == path || k.StartsWith($"{path}/", StringComparison.Ordinal)))
        {
            _directories.TryRemove(key, out _);
        }
    }

    // Each directory is made once, those above it first, however many files begin in it at the same time.
    private Task DirectoryAsync(string directory, CancellationToken cancellationToken) =>
        directory.Length == 0
            ? Task.CompletedTask
            : _directories.GetOrAdd(
                directory,
                async d =>
                {
                    await DirectoryAsync(StorePath.Parent(d), cancellationToken);
                    await _store.CreateDirectoryAsync(StorePath.Combine(Partial, d), cancellationToken);
                }
            );

    private static string Megabytes(long bytes) => $"{bytes / (1024.0 * 1024):0.#} MiB";
}
