using EtcdDr.Engine.Operations;

namespace EtcdDr.Progress;

/// <summary>
/// Where nobody watches progress bars (Azure DevOps, Jenkins, cron): one line every ten seconds that says what goes on, so that a job's log
/// shows life and its supervisor does not take it for hung.
/// </summary>
internal sealed class Heartbeat : IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(10);
    private readonly object _gate = new();
    private readonly SortedDictionary<string, ProgressUpdate> _nodes = new(StringComparer.Ordinal);
    private readonly TimeProvider _time;
    private readonly Action<string> _write;
    private readonly long _started;
    private readonly ITimer _timer;
    private ProgressUpdate? _overall;
    private string? _activity;

    /// <summary>Starts the ten seconds.</summary>
    public Heartbeat(TimeProvider time, Action<string> write)
    {
        _time = time;
        _write = write;
        _started = time.GetTimestamp();
        _timer = time.CreateTimer(_ => Beat(), null, Period, Period);
    }

    /// <summary>Keeps the step for the next line.</summary>
    public void Report(ProgressUpdate update)
    {
        lock (_gate)
        {
            _activity = update.Activity;
            if (update.Node is null)
                _overall = update.Completed ? null : update;
            else if (update.Completed)
                _nodes.Remove(update.Node);
            else
                _nodes[update.Node] = update;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void Beat()
    {
        if (Line() is { } line)
            _write(line);
    }

    private string? Line()
    {
        lock (_gate)
        {
            if (_activity is null)
                return null;

            var parts = _nodes.Select(node => $"{node.Key}: {ProgressText.Status(node.Value)}").ToList();
            if (_overall is not null)
                parts.Insert(0, ProgressText.Status(_overall));

            var what = parts.Count == 0 ? "" : ": " + string.Join("; ", parts);
            return $"{_activity} ({HumanText.Duration(_time.GetElapsedTime(_started))}){what}";
        }
    }
}
