namespace EtcdDr.Engine.Snapshots.Retention;

/// <summary>Which snapshots of a cluster are kept. A snapshot is kept if any rule keeps it.</summary>
public sealed record RetentionPolicy
{
    /// <summary>How many of the newest are kept.</summary>
    public int KeepLast { get; init; }

    /// <summary>For how many of the latest days that have snapshots (UTC) the newest of the day is kept.</summary>
    public int KeepDaily { get; init; }

    /// <summary>For how many of the latest ISO weeks that have snapshots (UTC) the newest of the week is kept.</summary>
    public int KeepWeekly { get; init; }

    /// <summary>For how many of the latest months that have snapshots (UTC) the newest of the month is kept.</summary>
    public int KeepMonthly { get; init; }

    /// <summary>Says by its label whether a snapshot is kept for good; null for no such rule.</summary>
    public Func<string, bool>? KeepLabel { get; init; }
}
