using System.Threading.Channels;
using EtcdDr.Engine.Operations;
using Etcdserverpb;
using Grpc.Core;

namespace EtcdDr.Engine.Etcd;

/// <summary>
/// Receives one snapshot stream. One task takes messages off the wire and gathers them into blocks, another hashes and writes the blocks,
/// so that decryption, hashing and the disk work side by side; a few blocks at most are under way.
/// </summary>
internal sealed class EtcdSnapshotReceiver(
    EtcdConnection connection,
    AsyncServerStreamingCall<SnapshotResponse> call,
    CancellationTokenSource stop
)
{
    /// <summary>etcd's pages are at least this large; <c>etcdctl snapshot restore</c> tells a snapshot with a hash from one without by
    /// it.</summary>
    private const int Sector = 512;

    private const int HashLength = 32;
    private const int BlockSize = 256 * 1024;
    private const int BlocksUnderWay = 8;

    /// <summary>A member that sends nothing for so long is gone; etcd reads ahead of the stream, so a slow disk does not come near
    /// it.</summary>
    private static readonly TimeSpan StallLimit = TimeSpan.FromSeconds(30);

    private long _expected = -1;
    private long _received;

    /// <summary>Receives all of it, checks it, and returns its length and hash.</summary>
    public async Task<EtcdDatabaseStream> ReceiveAsync(Stream destination, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        using var hash = new TrailingSha256();
        var blocks = Channel.CreateBounded<ArraySegment<byte>>(
            new BoundedChannelOptions(BlocksUnderWay) { SingleReader = true, SingleWriter = true }
        );
        var writing = Task.Run(() => WriteBlocksAsync(blocks.Reader, destination, hash, progress), CancellationToken.None);
        try
        {
            await GatherAsync(blocks.Writer);
            blocks.Writer.Complete();
        }
        catch (Exception exception)
        {
            blocks.Writer.TryComplete(exception);
            await stop.CancelAsync();
            await ((Task)writing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            ThrowWriteFailure(writing);
            cancellationToken.ThrowIfCancellationRequested();
            throw Translate(exception);
        }

        await writing;
        return Check(hash);
    }

    private async Task GatherAsync(ChannelWriter<ArraySegment<byte>> blocks)
    {
        var block = LargeBuffers.Rent(BlockSize);
        var filled = 0;
        while (await NextAsync())
        {
            var message = call.ResponseStream.Current;
            _expected = _expected < 0 ? (long)message.RemainingBytes + message.Blob.Length + HashLength : _expected;
            _received += message.Blob.Length;
            var rest = message.Blob.Memory;
            while (rest.Length > 0)
            {
                var part = Math.Min(rest.Length, block.Length - filled);
                rest[..part].CopyTo(block.AsMemory(filled));
                rest = rest[part..];
                filled += part;
                if (filled == block.Length)
                {
                    await blocks.WriteAsync(new ArraySegment<byte>(block, 0, filled), stop.Token);
                    block = LargeBuffers.Rent(BlockSize);
                    filled = 0;
                }
            }
        }

        await blocks.WriteAsync(new ArraySegment<byte>(block, 0, filled), stop.Token);
    }

    private async Task<bool> NextAsync()
    {
        stop.CancelAfter(StallLimit);
        var more = await call.ResponseStream.MoveNext(stop.Token);
        stop.CancelAfter(Timeout.InfiniteTimeSpan);
        return more;
    }

    private async Task WriteBlocksAsync(
        ChannelReader<ArraySegment<byte>> blocks,
        Stream destination,
        TrailingSha256 hash,
        IProgress<long>? progress
    )
    {
        try
        {
            await foreach (var block in blocks.ReadAllAsync(stop.Token))
            {
                var writing = destination.WriteAsync(block.AsMemory(), stop.Token);
                hash.Append(block.AsSpan());
                await writing;
                LargeBuffers.Return(block.Array!);
                progress?.Report(hash.Length);
            }
        }
        catch (Exception)
        {
            // Wakes the reader of messages, which may wait for room or for the wire.
            await stop.CancelAsync();
            throw;
        }
    }

    /// <summary>A failure of the disk is the cause; that the stream was then stopped is not worth telling.</summary>
    private static void ThrowWriteFailure(Task writing)
    {
        var failure = writing.Exception?.InnerExceptions.FirstOrDefault(e =>
            e is not (OperationCanceledException or RpcException or ChannelClosedException)
        );
        if (failure is not null)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
        }
    }

    private Exception Translate(Exception exception) =>
        exception switch
        {
            OperationCanceledException => new EtcdDrException(
                "SnapshotStalled",
                EtcdDrErrorCategory.OperationTimeout,
                Errors.SnapshotStalled.With(connection.Node, connection.Endpoint, _received, StallLimit.TotalSeconds),
                Errors.SnapshotStalled_Action,
                connection.Node,
                exception
            ),
            RpcException rpc when _received > 0 || BrokeOff(rpc) => Truncated(connection.ErrorOf(rpc).Message, rpc),
            RpcException rpc => connection.ErrorOf(rpc),
            _ => exception,
        };

    // A connection that is cut takes with it what had arrived and was not read yet; so nothing received does not mean that nothing had
    // begun.
    private bool BrokeOff(RpcException exception) =>
        exception.Status.DebugException is not null && call.ResponseHeadersAsync.IsCompletedSuccessfully;

    private EtcdDatabaseStream Check(TrailingSha256 hash)
    {
        if (hash.Length != _expected || (hash.Length - HashLength) % Sector != 0)
        {
            throw Truncated(Errors.SnapshotTruncated_Ended_Part, null);
        }

        var (matches, whole) = hash.Finish();
        return matches
            ? new EtcdDatabaseStream(hash.Length, whole)
            : throw new EtcdDrException(
                "SnapshotDamaged",
                EtcdDrErrorCategory.InvalidData,
                Errors.SnapshotDamaged_OnItsWay.With(connection.Node, connection.Endpoint),
                Errors.SnapshotDamaged_OnItsWay_Action,
                connection.Node
            );
    }

    private EtcdDrException Truncated(string reason, Exception? inner) =>
        new(
            "SnapshotTruncated",
            EtcdDrErrorCategory.InvalidData,
            Errors.SnapshotTruncated.With(connection.Node, connection.Endpoint, _received, Math.Max(_expected, 0), reason),
            Errors.SnapshotTruncated_Action,
            connection.Node,
            inner
        );
}
