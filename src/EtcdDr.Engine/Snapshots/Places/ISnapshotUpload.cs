namespace EtcdDr.Engine.Snapshots.Places;

/// <summary>
/// A snapshot on its way to a place. Until it is published nothing of it counts as a snapshot; what was written stays when this is disposed
/// before, so that the next upload of the same snapshot goes on from there.
/// </summary>
public interface ISnapshotUpload : IAsyncDisposable
{
    /// <summary>
    /// Writes one of its files, or finds that it is there and right. Large files may not be written at the same time; small ones
    /// (<see cref="SnapshotUpload.SmallFile"/>) may, beside a large one.
    /// </summary>
    /// <exception cref="EtcdDrException"><c>SnapshotAltered</c>: the source is not what its manifest says; <c>CopyNotVerified</c>: the
    /// place holds other bytes than were sent, again and again.</exception>
    Task WriteAsync(SnapshotStoreEntry file, CancellationToken cancellationToken);

    /// <summary>
    /// Checks what is not proven yet, brings everything to where it is permanent, and makes it a snapshot: the last write, in one step.
    /// After it returned the snapshot is whole there.
    /// </summary>
    /// <exception cref="EtcdDrException"><c>CopyNotVerified</c>; <c>AlreadyExists</c>: another upload of that name was first.</exception>
    Task PublishAsync(CancellationToken cancellationToken);
}
