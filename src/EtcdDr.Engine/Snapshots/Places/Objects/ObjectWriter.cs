using System.Collections.Concurrent;

namespace EtcdDr.Engine.Snapshots.Places.Objects;

/// <summary>
/// Writes one object of any length: a short one in one request, a longer one in parts, several on their way at once. Nothing is there
/// before <see cref="CompleteAsync"/>. What it holds of the content is the parts on their way and the one that is being filled.
/// </summary>
/// <param name="bucket">The bucket.</param>
/// <param name="key">The object's key.</param>
/// <param name="partSize">Bytes of a part.</param>
/// <param name="left">An upload of the same object that was cut, whose parts are used as far as they are right; null for none.</param>
/// <param name="partsLeft">Its parts.</param>
internal sealed class ObjectWriter(
    IObjectBucket bucket,
    string key,
    int partSize,
    PartsUpload? left = null,
    IReadOnlyList<ObjectPart>? partsLeft = null
) : IAsyncDisposable
{
    private const int PartsAtOnce = 4;
    private const int FirstBuffer = 64 * 1024;

    private readonly Dictionary<int, ObjectPart> _there = (partsLeft ?? []).ToDictionary(p => p.Number);
    private readonly SemaphoreSlim _slots = new(PartsAtOnce, PartsAtOnce);
    private readonly ConcurrentBag<byte[]> _free = [];
    private readonly ConcurrentDictionary<int, ObjectPart> _parts = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _sending = [];
    private byte[] _buffer = [];
    private int _filled;
    private int _number;
    private PartsUpload? _upload = left;

    /// <summary>The parts, in order, after <see cref="FinishAsync"/>; none where it is short.</summary>
    public IReadOnlyList<ObjectPart> Parts => [.. _parts.Values.OrderBy(p => p.Number)];

    /// <summary>Takes the next bytes; waits where enough is on its way.</summary>
    public async Task WriteAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        while (content.Length > 0)
        {
            if (_filled == partSize)
            {
                await SendAsync(cancellationToken);
            }

            MakeRoom(content.Length);
            var count = Math.Min(content.Length, _buffer.Length - _filled);
            content[..count].CopyTo(_buffer.AsMemory(_filled));
            _filled += count;
            content = content[count..];
        }
    }

    /// <summary>Sends what is left, and waits until all parts are there. The object is none yet.</summary>
    public async Task FinishAsync(CancellationToken cancellationToken)
    {
        if (_number > 0)
        {
            await SendAsync(cancellationToken);
            await Task.WhenAll(_sending);
        }
    }

    /// <summary>Makes it an object, after <see cref="FinishAsync"/>.</summary>
    /// <returns>Its version.</returns>
    public async Task<string> CompleteAsync(bool onlyNew, CancellationToken cancellationToken)
    {
        if (_number == 0)
        {
            var version = await bucket.PutAsync(key, _buffer.AsMemory(0, _filled), onlyNew, cancellationToken);
            if (_upload is not null)
            {
                await AbortAsync(cancellationToken);
            }

            return version;
        }

        return await bucket.CompleteAsync(_upload!, Parts, onlyNew, cancellationToken);
    }

    /// <summary>Gives the parts up.</summary>
    public async Task AbortAsync(CancellationToken cancellationToken)
    {
        await StopAsync();
        if (_upload is not null)
        {
            await bucket.AbortAsync(_upload, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // What is on its way arrives, unless whoever wrote it stopped: an upload that is cut goes on from there.
        await Task.WhenAll(_sending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
        _slots.Dispose();

        // Keys of clusters pass through here.
        System.Security.Cryptography.CryptographicOperations.ZeroMemory(_buffer);
        while (_free.TryTake(out var buffer))
        {
            System.Security.Cryptography.CryptographicOperations.ZeroMemory(buffer);
        }
    }

    private async Task StopAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_sending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    // Small files are many at once, so that not each begins with a whole part.
    private void MakeRoom(int more)
    {
        if (_filled < _buffer.Length)
        {
            return;
        }

        var length = (int)Math.Min(partSize, Math.Max(Math.Max(FirstBuffer, _buffer.Length * 2L), _filled + (long)more));
        if (_number > 0 && _filled == 0 && _free.TryTake(out var free))
        {
            _buffer = free;
            return;
        }

        Array.Resize(ref _buffer, _number > 0 ? partSize : length);
    }

    private async Task SendAsync(CancellationToken cancellationToken)
    {
        var number = ++_number;
        var (buffer, length) = (_buffer, _filled);
        (_buffer, _filled) = ([], 0);
        if (_there.TryGetValue(number, out var part) && part.Size == length && bucket.Holds(part, buffer.AsSpan(0, length)))
        {
            _parts[number] = part;
            _free.Add(buffer);
            return;
        }

        _upload ??= await bucket.BeginAsync(key, cancellationToken);
        await _slots.WaitAsync(cancellationToken);
        if (_sending.Find(s => s.IsFaulted) is { } failed)
        {
            await failed;
        }

        _sending.RemoveAll(s => s.IsCompletedSuccessfully);
        _sending.Add(SendAsync(_upload, number, buffer, length, cancellationToken));
    }

    private async Task SendAsync(PartsUpload upload, int number, byte[] buffer, int length, CancellationToken cancellationToken)
    {
        try
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stop.Token);
            _parts[number] = await bucket.PutPartAsync(upload, number, buffer.AsMemory(0, length), either.Token);
            _free.Add(buffer);
        }
        finally
        {
            _slots.Release();
        }
    }
}
