using System.Text.Json.Nodes;

namespace EtcdDr.Engine.Kube;

/// <summary>
/// What is wanted to know of the objects of a collection, kept up to date by a watch: the collection is listed once, and again only where
/// the server has forgotten where the watch was. Of each object only what <paramref name="keep"/> makes of it stays in memory.
/// </summary>
/// <param name="api">The API.</param>
/// <param name="path">The collection.</param>
/// <param name="keep">What is kept of an object; null for nothing.</param>
/// <param name="changed">Called after a change, from the watch's own task.</param>
/// <param name="fieldSelector">Field selector; null for all.</param>
internal sealed class WatchedObjects<T>(KubeApi api, string path, Func<JsonObject, T?> keep, Action changed, string? fieldSelector = null)
    : IAsyncDisposable
    where T : class
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Silence = TimeSpan.FromMinutes(1);

    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource<IReadOnlyCollection<T>> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private Dictionary<string, T> _items = new(StringComparer.Ordinal);
    private Dictionary<string, T>? _listing = new(StringComparer.Ordinal);
    private Task? _watching;
    private long _events;

    /// <summary>What the first list held, before any change. It takes as long as objects come.</summary>
    /// <exception cref="EtcdDrException">The list is refused, or nothing comes.</exception>
    public async Task<IReadOnlyCollection<T>> FirstAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        while (true)
        {
            var before = Volatile.Read(ref _events);
            try
            {
                return await _first.Task.WaitAsync(Silence, time, cancellationToken);
            }
            catch (TimeoutException) when (Volatile.Read(ref _events) != before)
            {
                continue;
            }
            catch (TimeoutException e)
            {
                throw Failure
                    ?? KubeErrors.Unreachable(api.DisplayName, path, Errors.KubeApiUnreachable_NoAnswer_Part.With(Silence.TotalSeconds), e);
            }
        }
    }

    /// <summary>Why the collection could not be watched last; null where it is.</summary>
    public EtcdDrException? Failure { get; private set; }

    /// <summary>What is known now. While the collection is listed once more it is what was known before.</summary>
    public IReadOnlyList<T> Items
    {
        get
        {
            lock (_lock)
            {
                return [.. _items.Values];
            }
        }
    }

    /// <summary>What is known of one object; null for nothing.</summary>
    public T? Find(string? space, string name)
    {
        lock (_lock)
        {
            return _items.GetValueOrDefault($"{space}/{name}");
        }
    }

    /// <summary>Begins; ends with <see cref="DisposeAsync"/>.</summary>
    /// <param name="time">The clock.</param>
    public void Start(TimeProvider time) => _watching ??= WatchAsync(time, _stop.Token);

    /// <summary>Ends the watch; what is known stays.</summary>
    public Task StopAsync() => _stop.CancelAsync();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        if (_watching is not null)
        {
            await _watching;
        }

        _first.TrySetCanceled(CancellationToken.None);
        _stop.Dispose();
    }

    /// <summary>Takes an event.</summary>
    internal void Take(KubeEvent change)
    {
        lock (_lock)
        {
            switch (change.Type)
            {
                case KubeEventType.Restarted:
                    _listing = new Dictionary<string, T>(StringComparer.Ordinal);
                    return;
                case KubeEventType.Listed:
                    (_items, _listing) = (_listing ?? _items, null);
                    _first.TrySetResult([.. _items.Values]);
                    break;
                default:
                    Put(_listing ?? _items, change);
                    break;
            }
        }

        changed();
    }

    private void Put(Dictionary<string, T> items, KubeEvent change)
    {
        var metadata = change.Item?["metadata"];
        var key = $"{(string?)metadata?["namespace"]}/{(string?)metadata?["name"]}";
        if (change.Type != KubeEventType.Deleted && keep(change.Item!) is { } kept)
        {
            items[key] = kept;
        }
        else
        {
            items.Remove(key);
        }
    }

    // Asked again, a refusal stays one; everything else may be over soon.
    private void Fail(EtcdDrException failure)
    {
        Failure = failure;
        if (KubeStandIns.IsRefusal(failure))
        {
            _first.TrySetException(failure);
        }

        Take(new KubeEvent(KubeEventType.Restarted));
        changed();
    }

    // A watch goes on by itself over whatever apiserver answers; where none does for a while, it is begun anew.
    private async Task WatchAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await foreach (var change in api.WatchAsync(path, fieldSelector: fieldSelector, cancellationToken: cancellationToken))
                {
                    Failure = null;
                    Interlocked.Increment(ref _events);
                    Take(change);
                }
            }
            catch (EtcdDrException e)
            {
                Fail(e);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }

            await Task.Delay(Pause, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
