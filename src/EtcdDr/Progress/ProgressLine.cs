using System.Management.Automation;
using EtcdDr.Engine.Operations;

namespace EtcdDr.Progress;

/// <summary>One progress bar: an operation, or one node of it.</summary>
internal sealed class ProgressLine
{
    private readonly int _id;
    private readonly string _title;
    private long _sentAt;
    private long _stepStartedAt;
    private long _stepStartBytes;

    /// <summary>Creates a line that is not shown yet.</summary>
    public ProgressLine(int id, string title, ProgressLine? parent)
    {
        _id = id;
        _title = title;
        Parent = parent;
    }

    /// <summary>The operation's line, for a node's.</summary>
    public ProgressLine? Parent { get; }

    /// <summary>Whether it is on the screen.</summary>
    public bool Sent { get; private set; }

    /// <summary>The step last shown.</summary>
    public string Step { get; private set; } = "";

    /// <summary>Whether the update is to be shown: the line is not on the screen, the step is another one, or the last record is old
    /// enough.</summary>
    public bool IsDue(ProgressUpdate update, TimeProvider time, TimeSpan interval) =>
        !Sent || update.Step != Step || time.GetElapsedTime(_sentAt) >= interval;

    /// <summary>The record to show.</summary>
    public ProgressRecord Record(ProgressUpdate update, TimeProvider time)
    {
        var now = time.GetTimestamp();
        if (!Sent || update.Step != Step)
        {
            _stepStartedAt = now;
            _stepStartBytes = update.BytesDone ?? 0;
        }

        Sent = true;
        Step = update.Step;
        _sentAt = now;
        var rate = Rate(update, time.GetElapsedTime(_stepStartedAt, now));
        return new ProgressRecord(_id, _title, ProgressText.Status(update, rate))
        {
            ParentActivityId = Parent?._id ?? -1,
            PercentComplete = ProgressText.Percent(update),
            SecondsRemaining = SecondsRemaining(update, rate),
        };
    }

    /// <summary>The record that takes the line off the screen.</summary>
    public ProgressRecord CompletedRecord(string step)
    {
        Sent = false;
        return new ProgressRecord(_id, _title, step.Length == 0 ? "Done" : step)
        {
            ParentActivityId = Parent?._id ?? -1,
            PercentComplete = 100,
            RecordType = ProgressRecordType.Completed,
        };
    }

    private double Rate(ProgressUpdate update, TimeSpan elapsed)
    {
        // The first moments say nothing about the rate.
        if (update.BytesDone is not { } done || elapsed < TimeSpan.FromMilliseconds(500))
            return 0;

        return Math.Max(0, done - _stepStartBytes) / elapsed.TotalSeconds;
    }

    private static int SecondsRemaining(ProgressUpdate update, double rate)
    {
        if (rate <= 0 || update.BytesTotal is not { } total)
            return -1;

        return (int)Math.Min(int.MaxValue, Math.Ceiling(Math.Max(0, total - update.BytesDone!.Value) / rate));
    }
}
