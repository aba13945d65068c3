using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Snapshots;
using EtcdDr.Engine.Snapshots.Places;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.Transfer;

/// <summary>
/// Copies a snapshot to one place or to several at once. A copy appears under its name when it is whole and checked; one that was cut goes
/// on from what is there and right. A source may be remote as well: then the bytes pass through this machine and touch no disk here.
/// </summary>
public sealed class CopySnapshotOperation(IRemoteHostFactory hosts, OperationContext context)
{
    /// <summary>Size of the blocks in which large files are resumed and checked; a multiple of 1 MiB.</summary>
    internal int BlockSize { get; init; } = SnapshotUpload.DefaultBlockSize;

    /// <summary>Copies.</summary>
    /// <param name="snapshot">What is copied.</param>
    /// <param name="destinations">Directories that will hold it.</param>
    /// <param name="copied">Given the snapshot at each new place, as soon as it is there; called from any thread.</param>
    /// <param name="cancellationToken">Stops it; what was sent stays for the next time.</param>
    /// <exception cref="EtcdDrException">
    /// What is wrong with the source, or with the only destination; with several, a destination's failure is told to the sink and the
    /// others go on. <c>DestinationFull</c>, <c>DestinationNotWritable</c>, <c>SnapshotExists</c>, <c>CopyNotVerified</c>,
    /// <c>SnapshotAltered</c>.
    /// </exception>
    public async Task RunAsync(
        EtcdSnapshot snapshot,
        IReadOnlyList<CopyDestination> destinations,
        Action<EtcdSnapshot> copied,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(destinations);
        ArgumentNullException.ThrowIfNull(copied);
        await using var source = await SnapshotReader.OpenAsync(snapshot, hosts, context, cancellationToken);
        await Parallel.ForEachAsync(
            destinations,
            new ParallelOptions { MaxDegreeOfParallelism = context.ThrottleLimit, CancellationToken = cancellationToken },
            async (destination, ct) =>
            {
                try
                {
                    copied(await new DestinationCopy(source, destination, hosts, context) { BlockSize = BlockSize }.RunAsync(ct));
                }
                catch (EtcdDrException e) when (destinations.Count > 1)
                {
                    context.Sink.Error(e);
                }
            }
        );
    }
}
