using EtcdDr.Engine.Operations;

namespace EtcdDr.Engine.Snapshots.Places.Objects;

/// <summary>
/// Reads an object of one version: a connection that is cut, or says nothing for a minute, is made again where it ended, and an object that
/// was replaced meanwhile is refused and never mixed with what was read before.
/// </summary>
internal sealed class ObjectReadStream : ReadOnlyStream
{
    private const int MostCutsInARow = 5;
    private static readonly TimeSpan LongestSilence = TimeSpan.FromMinutes(1);

    private readonly IObjectBucket _bucket;
    private readonly string _key;
    private readonly string _place;
    private ObjectContent _content;
    private readonly long? _end;
    private long _position;
    private int _cuts;

    private ObjectReadStream(IObjectBucket bucket, string key, string place, ObjectContent content, long offset, int? length)
    {
        _end = offset + length;
        _bucket = bucket;
        _key = key;
        _place = place;
        _content = content;
        _position = offset;
    }

    /// <summary>Opens an object from an offset on.</summary>
    public static Task<ObjectReadStream> OpenAsync(
        IObjectBucket bucket,
        string key,
        string place,
        long offset,
        CancellationToken cancellationToken
    ) => OpenAsync(bucket, key, place, offset, null, null, cancellationToken);

    /// <summary>Opens a part of an object of a version; null for what is not said.</summary>
    public static async Task<ObjectReadStream> OpenAsync(
        IObjectBucket bucket,
        string key,
        string place,
        long offset,
        int? length,
        string? version,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var content = await bucket.ReadAsync(key, offset, length, version, cancellationToken);
            return new ObjectReadStream(bucket, key, place, content, offset, length);
        }
        catch (BucketFailure failure)
        {
            throw ObjectErrors.Reading(failure, place);
        }
    }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            try
            {
                using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                silence.CancelAfter(LongestSilence);
                var count = await _content.Stream.ReadAsync(buffer, silence.Token);
                _position += count;
                _cuts = count > 0 ? 0 : _cuts;
                return count;
            }
            catch (Exception e) when (IsCut(e) && !cancellationToken.IsCancellationRequested && ++_cuts <= MostCutsInARow)
            {
                await ReopenAsync(cancellationToken);
            }
            catch (Exception e) when (IsCut(e) && !cancellationToken.IsCancellationRequested)
            {
                throw StoreErrors.Reading(e, _place);
            }
        }
    }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        var copy = new byte[buffer.Length];
        var count = ReadAsync(copy).AsTask().GetAwaiter().GetResult();
        copy.AsSpan(0, count).CopyTo(buffer);
        return count;
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await _content.Stream.DisposeAsync();
        await base.DisposeAsync();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _content.Stream.Dispose();
        }

        base.Dispose(disposing);
    }

    private static bool IsCut(Exception e) => e is IOException or HttpRequestException or OperationCanceledException;

    private async Task ReopenAsync(CancellationToken cancellationToken)
    {
        await _content.Stream.DisposeAsync();
        try
        {
            var left = _end is { } end ? (int?)(end - _position) : null;
            _content =
                left == 0
                    ? new ObjectContent(Stream.Null, _content.Version)
                    : await _bucket.ReadAsync(_key, _position, left, _content.Version, cancellationToken);
        }
        catch (BucketFailure failure)
        {
            throw ObjectErrors.Reading(failure, _place);
        }
    }
}
