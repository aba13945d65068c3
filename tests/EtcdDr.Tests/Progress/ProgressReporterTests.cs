using System.Management.Automation;
using EtcdDr.Engine.Operations;
using EtcdDr.Progress;

namespace EtcdDr.Tests.Progress;

public sealed class ProgressReporterTests
{
    private readonly ManualTime _time = new();
    private readonly List<ProgressRecord> _records = [];

    [Fact]
    public void A_node_has_a_record_below_the_operation()
    {
        Reporter().Report(new ProgressUpdate("Copy", "cp1", "Uploading"));

        Assert.Equal(["Copy", "cp1"], _records.Select(r => r.Activity));
        Assert.Equal(_records[0].ActivityId, _records[1].ParentActivityId);
    }

    [Fact]
    public void Updates_within_a_fifth_of_a_second_are_left_out_unless_the_step_is_new()
    {
        var reporter = Reporter();
        for (var i = 0; i < 100; i++)
            reporter.Report(new ProgressUpdate("Copy", null, "Uploading") { BytesDone = i, BytesTotal = 100 });
        reporter.Report(new ProgressUpdate("Copy", null, "Checking"));
        _time.Advance(TimeSpan.FromMilliseconds(200));
        reporter.Report(new ProgressUpdate("Copy", null, "Checking"));

        Assert.Equal(["Uploading, 0 B of 100 B", "Checking", "Checking"], _records.Select(r => r.StatusDescription));
    }

    [Fact]
    public void Bytes_give_percent_rate_and_time_left()
    {
        var reporter = Reporter();
        reporter.Report(new ProgressUpdate("Copy", null, "Uploading") { BytesDone = 0, BytesTotal = 100 << 20 });
        _time.Advance(TimeSpan.FromSeconds(2));
        reporter.Report(new ProgressUpdate("Copy", null, "Uploading") { BytesDone = 40 << 20, BytesTotal = 100 << 20 });

        Assert.Equal("Uploading, 40.0 MiB of 100 MiB, 20.0 MiB/s", _records[^1].StatusDescription);
        Assert.Equal(40, _records[^1].PercentComplete);
        Assert.Equal(3, _records[^1].SecondsRemaining);
    }

    [Fact]
    public void A_finished_part_is_always_completed_and_what_is_left_open_is_completed_children_first()
    {
        var reporter = Reporter();
        reporter.Report(new ProgressUpdate("Copy", "cp1", "Uploading"));
        reporter.Report(new ProgressUpdate("Copy", "cp2", "Uploading"));
        reporter.Report(new ProgressUpdate("Copy", "cp1", "Uploaded") { Completed = true });
        reporter.CompleteAll();

        Assert.Equal(["cp1", "cp2", "Copy"], _records.Where(r => r.RecordType == ProgressRecordType.Completed).Select(r => r.Activity));
    }

    [Fact]
    public void A_heartbeat_line_comes_every_ten_seconds_and_says_what_goes_on()
    {
        var lines = new List<string>();
        using var heartbeat = new Heartbeat(_time, lines.Add);
        _time.Advance(TimeSpan.FromSeconds(10));
        heartbeat.Report(new ProgressUpdate("Copy", null, "Uploading"));
        heartbeat.Report(new ProgressUpdate("Copy", "cp1", "Uploading") { BytesDone = 1 << 20, BytesTotal = 2 << 20 });
        heartbeat.Report(new ProgressUpdate("Copy", "cp2", "Uploaded") { Completed = true });
        _time.Advance(TimeSpan.FromSeconds(9));
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(["Copy (20.0 s): Uploading; cp1: Uploading, 1.0 MiB of 2.0 MiB"], lines);
    }

    [Theory]
    [InlineData("pwsh -NonInteractive -File x.ps1", true)]
    [InlineData("pwsh -noni", true)]
    [InlineData("pwsh -NoProfile -Command Get-EtcdStatus", false)]
    public void A_command_line_tells_whether_somebody_watches(string commandLine, bool expected)
    {
        Assert.Equal(expected, Audience.IsNonInteractive(commandLine.Split(' ')));
    }

    private ProgressReporter Reporter() => new(_time, _records.Add);

    /// <summary>A clock that goes when it is told to, timers included.</summary>
    private sealed class ManualTime : TimeProvider
    {
        private readonly List<ManualTimer> _timers = [];
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = new ManualTimer(callback, state, _ticks + dueTime.Ticks, period.Ticks);
            _timers.Add(timer);
            return timer;
        }

        public void Advance(TimeSpan by)
        {
            _ticks += by.Ticks;
            foreach (var timer in _timers)
                timer.RunUntil(_ticks);
        }
    }

    private sealed class ManualTimer(TimerCallback callback, object? state, long due, long period) : ITimer
    {
        private long _due = due;

        public void RunUntil(long now)
        {
            for (; _due <= now; _due += period)
                callback(state);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period) => false;

        public void Dispose() { }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
