namespace EtcdDr.Engine.Snapshots.Places.Objects;

/// <summary>A place as one listing showed it: what stands there is asked no more, what is in files is read.</summary>
internal sealed class ListedStore(ISnapshotStore store, ObjectTree tree) : ISnapshotStore
{
    /// <inheritdoc/>
    public string DisplayName => store.DisplayName;

    /// <inheritdoc/>
    public string Root => store.Root;

    /// <inheritdoc/>
    public string FullPath(string path) => store.FullPath(path);

    /// <inheritdoc/>
    public string? LocalPath(string path) => store.LocalPath(path);

    /// <inheritdoc/>
    public Task<SnapshotStoreEntry?> StatAsync(string path, CancellationToken cancellationToken) =>
        Task.FromResult(tree.Stat(StorePath.Check(path, DisplayName)));

    /// <inheritdoc/>
    public Task<IReadOnlyList<SnapshotStoreEntry>> ListDirectoryAsync(string path, CancellationToken cancellationToken) =>
        Task.FromResult(tree.List(StorePath.Check(path, DisplayName)));

    /// <inheritdoc/>
    public Task<ISnapshotStore> ListedAsync(CancellationToken cancellationToken) => Task.FromResult<ISnapshotStore>(this);

    /// <inheritdoc/>
    public Task<Stream> OpenReadAsync(string path, long offset, CancellationToken cancellationToken) =>
        store.OpenReadAsync(tree.KeyOf(path), offset, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> Sha256Async(IReadOnlyList<string> paths, CancellationToken cancellationToken) =>
        store.Sha256Async(paths, cancellationToken);

    /// <inheritdoc/>
    public Task<ISnapshotUpload> UploadAsync(SnapshotUpload upload, CancellationToken cancellationToken) =>
        store.UploadAsync(upload, cancellationToken);

    /// <inheritdoc/>
    public Task<ISnapshotDraft?> DraftAsync(string name, CancellationToken cancellationToken) => store.DraftAsync(name, cancellationToken);

    /// <inheritdoc/>
    public Task RemoveAsync(string name, IReadOnlyList<string> files, CancellationToken cancellationToken) =>
        store.RemoveAsync(name, files, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<UnfinishedUpload>> FindUnfinishedAsync(CancellationToken cancellationToken) =>
        store.FindUnfinishedAsync(cancellationToken);

    /// <inheritdoc/>
    public Task RemoveUnfinishedAsync(string name, CancellationToken cancellationToken) =>
        store.RemoveUnfinishedAsync(name, cancellationToken);

    /// <inheritdoc/>
    public Task DeleteAsync(string path, CancellationToken cancellationToken) => store.DeleteAsync(path, cancellationToken);

    /// <inheritdoc/>
    public Task CreateDirectoryAsync(string path, CancellationToken cancellationToken) =>
        store.CreateDirectoryAsync(path, cancellationToken);

    /// <inheritdoc/>
    public Task WriteWholeAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        store.WriteWholeAsync(path, content, cancellationToken);

    /// <inheritdoc/>
    public Task AppendAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        store.AppendAsync(path, content, cancellationToken);

    /// <inheritdoc/>
    public Task SyncAsync(IReadOnlyList<string> paths, CancellationToken cancellationToken) => store.SyncAsync(paths, cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => store.DisposeAsync();
}
