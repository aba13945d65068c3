namespace EtcdDr.Engine.Snapshots.Places;

/// <summary>
/// A snapshot that is being written into a place while it is taken: files of any length, which nobody has yet. Until it is published
/// nothing of it counts as a snapshot. Disposed before that, it leaves nothing behind as far as the place can still be reached; what cannot
/// be removed is found and removed as what a cut upload left.
/// </summary>
public interface ISnapshotDraft : IAsyncDisposable
{
    /// <summary>The name that the snapshot will have; no other draft has it in this place.</summary>
    string Name { get; }

    /// <summary>Fails with <c>DestinationFull</c> where there is less room than is needed, as far as that can be told.</summary>
    Task RequireSpaceAsync(long bytes, CancellationToken cancellationToken);

    /// <summary>Begins a file; several may be written at once.</summary>
    Task<DraftStream> CreateAsync(string path, CancellationToken cancellationToken);

    /// <summary>Takes out again a file that is finished, or all below a path; nothing happens where there is none. Nothing is being written
    /// there any more.</summary>
    Task DiscardAsync(string path, CancellationToken cancellationToken);

    /// <summary>Fills a buffer out of a file that is finished, from an offset on: exactly what was written.</summary>
    Task ReadAsync(string path, long offset, Memory<byte> buffer, CancellationToken cancellationToken);

    /// <summary>The path by which a finished file can be read where it lies on this machine; null where that cannot be.</summary>
    string? LocalPath(string path);

    /// <summary>Brings everything to where it is permanent, writes the manifest, and makes it a snapshot: the last write, in one
    /// step.</summary>
    /// <exception cref="EtcdDrException"><c>CopyNotVerified</c>: the place does not hold what was written; <c>AlreadyExists</c>: another
    /// was first.</exception>
    Task PublishAsync(ReadOnlyMemory<byte> manifest, CancellationToken cancellationToken);
}
