using System.Management.Automation;
using EtcdDr.Engine.Operations;

namespace EtcdDr.Progress;

/// <summary>
/// Turns an operation's steps into progress records: one for the operation, one below it for each node, with bytes, rate and time left. At
/// most five a second for each, but a new step and the end of a part are always sent.
/// </summary>
internal sealed class ProgressReporter
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);
    private readonly object _gate = new();
    private readonly Dictionary<(string Activity, string? Node), ProgressLine> _lines = [];
    private readonly TimeProvider _time;
    private readonly Action<ProgressRecord> _write;

    /// <summary>Creates a reporter.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="write">Takes the records; called under a lock, must not block for long.</param>
    public ProgressReporter(TimeProvider time, Action<ProgressRecord> write)
    {
        _time = time;
        _write = write;
    }

    /// <summary>Sends a record for the step, unless the last one is too fresh.</summary>
    public void Report(ProgressUpdate update)
    {
        lock (_gate)
        {
            var parent = update.Node is null ? null : Line(update.Activity, null, null);
            if (parent is { Sent: false })
                Send(parent, new ProgressUpdate(update.Activity, null, "Working on nodes"));

            var line = Line(update.Activity, update.Node, parent);
            if (update.Completed)
                Complete(line, update.Step);
            else if (line.IsDue(update, _time, Interval))
                Send(line, update);
        }
    }

    /// <summary>Completes every record that is still open, children first.</summary>
    public void CompleteAll()
    {
        lock (_gate)
        {
            foreach (var line in _lines.Values.OrderBy(l => l.Parent is null).Where(l => l.Sent).ToList())
                Complete(line, line.Step);
        }
    }

    private ProgressLine Line(string activity, string? node, ProgressLine? parent)
    {
        var key = (activity, node);
        if (!_lines.TryGetValue(key, out var line))
            _lines[key] = line = new ProgressLine(_lines.Count + 1, node ?? activity, parent);

        return line;
    }

    private void Send(ProgressLine line, ProgressUpdate update) => _write(line.Record(update, _time));

    private void Complete(ProgressLine line, string step)
    {
        // A part that ends before it was shown has nothing to take off the screen.
        if (line.Sent)
            _write(line.CompletedRecord(step));
    }
}
