namespace EtcdDr.Lab.Drill;

/// <summary>Asks a cluster's front end for something ten times a second and keeps account of when it was away.</summary>
public sealed class ApiProber : IAsyncDisposable
{
    /// <summary>How long one question may take: an outage is noted from when the question was asked.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);
    private readonly CancellationTokenSource _stop = new();
    private readonly LabApi _api;
    private readonly string _path;
    private readonly Task _probing;
    private readonly List<(DateTime From, DateTime To)> _outages = [];

    /// <summary>Begins.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="path">
    /// What is asked for. An apiserver that ends says of itself that it is not ready, while it still answers all else: for what clients
    /// see, ask for an object.
    /// </param>
    public ApiProber(LabCluster cluster, string path = "/readyz")
    {
        ArgumentNullException.ThrowIfNull(cluster);
        _path = path;
        _api = cluster.ConnectApi();
        _probing = ProbeAsync();
    }

    /// <summary>When the API was away: from the first failed probe to the first that succeeded again.</summary>
    public IReadOnlyList<(DateTime From, DateTime To)> Outages
    {
        get
        {
            lock (_outages)
            {
                return [.. _outages];
            }
        }
    }

    /// <summary>How long it was away in all.</summary>
    public TimeSpan Away => TimeSpan.FromTicks(Outages.Sum(outage => (outage.To - outage.From).Ticks));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _probing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _api.Dispose();
        _stop.Dispose();
    }

    private async Task ProbeAsync()
    {
        DateTime? since = null;
        while (!_stop.IsCancellationRequested)
        {
            var asked = DateTime.UtcNow;
            var ready = await _api.AnswersAsync(_path, Limit, _stop.Token);
            lock (_outages)
            {
                if (!ready)
                {
                    since ??= asked;
                    Note(since.Value);
                }
                else
                {
                    if (since is not null)
                    {
                        Note(since.Value);
                    }

                    since = null;
                }
            }

            await Task.Delay(Interval, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Records an outage that lasts until now, or lengthens it.</summary>
    private void Note(DateTime from)
    {
        if (_outages.Count > 0 && _outages[^1].From == from)
        {
            _outages.RemoveAt(_outages.Count - 1);
        }

        _outages.Add((from, DateTime.UtcNow));
    }
}
