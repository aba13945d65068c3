using System.Security.Cryptography;

namespace EtcdDr.Engine.Snapshots.Places.Objects;

/// <summary>A file of a snapshot on its way into a bucket: parts that are sent as they are full.</summary>
/// <param name="store">The place.</param>
/// <param name="bucket">Its bucket.</param>
/// <param name="path">The file's path in the place.</param>
/// <param name="finished">Given what the bucket took.</param>
/// <param name="cancellationToken">Stops it.</param>
internal sealed class ObjectDraftStream(
    ObjectStore store,
    IObjectBucket bucket,
    string path,
    Action<WrittenObject> finished,
    CancellationToken cancellationToken
) : DraftStream
{
    private static readonly TimeSpan CleanUpLimit = TimeSpan.FromSeconds(30);

    private readonly ObjectWriter _writer = new(bucket, store.Key(path), Math.Max(store.PartSize, bucket.SmallestPart));
    private long _length;
    private bool _ended;

    /// <inheritdoc/>
    public override long Length => _length;

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        var copy = buffer.ToArray();
        try
        {
            WriteAsync(copy, cancellationToken).AsTask().GetAwaiter().GetResult();
        }
        finally
        {
            CryptographicOperations.ZeroMemory(copy);
        }
    }

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await store.WritingAsync(
            path,
            async () =>
            {
                await _writer.WriteAsync(buffer, cancellationToken);
                return true;
            }
        );
        _length += buffer.Length;
    }

    /// <inheritdoc/>
    public override async Task FinishAsync(CancellationToken cancellationToken)
    {
        var version = await store.WritingAsync(
            path,
            async () =>
            {
                await _writer.FinishAsync(cancellationToken);
                return await CompleteAsync(cancellationToken);
            }
        );
        _ended = true;
        finished(new WrittenObject(_length, version));
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        if (!_ended)
        {
            _ended = true;
            await GiveUpAsync();
        }

        await _writer.DisposeAsync();
        await base.DisposeAsync();
    }

    // Where the answer of a first attempt was lost the upload is gone, and the object is what was sent or is not ours.
    private async Task<string> CompleteAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _writer.CompleteAsync(onlyNew: false, cancellationToken);
        }
        catch (BucketFailure failure) when (failure.Kind == BucketFailureKind.NotFound && _writer.Parts.Count > 0)
        {
            var there = await bucket.StatAsync(store.Key(path), cancellationToken);
            if (there?.Size == _length && await HoldsAllAsync(cancellationToken))
            {
                return there.Version;
            }

            throw;
        }
    }

    private async Task<bool> HoldsAllAsync(CancellationToken cancellationToken)
    {
        await using var content = await store.OpenReadAsync(path, 0, cancellationToken);
        var buffer = new byte[_writer.Parts.Max(p => p.Size)];
        foreach (var part in _writer.Parts)
        {
            var bytes = buffer.AsMemory(0, (int)part.Size);
            await content.ReadExactlyAsync(bytes, cancellationToken);
            if (!bucket.Holds(part, bytes.Span))
            {
                return false;
            }
        }

        return true;
    }

    // Runs after a failure or a stop. What cannot be removed now is removed with what else the draft leaves.
    private async Task GiveUpAsync()
    {
        using var limit = new CancellationTokenSource(CleanUpLimit);
        try
        {
            await _writer.AbortAsync(limit.Token);
        }
        catch (Exception e) when (e is BucketFailure or OperationCanceledException)
        {
            store.Left(path, e);
        }
    }
}
