namespace EtcdDr.Engine.Restore;

/// <summary>What the operator chose for a restore.</summary>
public sealed record RestoreOptions
{
    /// <summary>Leave verified data directories ready on the nodes and go no further.</summary>
    public bool StageOnly { get; init; }

    /// <summary>The cluster that the snapshot came from, to be asked whether it still runs; null where it is not known, or is the
    /// target.</summary>
    public EtcdCluster? Source { get; init; }

    /// <summary>Keep quiet what is restored: hold controllers, schedulers, the kubelets of workers and CronJobs.</summary>
    public bool Quiesce { get; init; }

    /// <summary>Stop where a cutover fails instead of putting the previous state back.</summary>
    public bool NoRollback { get; init; }

    /// <summary>Control-plane nodes that get the restored state; empty for all that are not <see cref="Lost"/>.</summary>
    public IReadOnlyList<string> Survivors { get; init; } = [];

    /// <summary>Control-plane nodes that are given up, each named by the operator; empty for all that are not <see cref="Survivors"/>,
    /// where any are named.</summary>
    public IReadOnlyList<string> Lost { get; init; } = [];

    /// <summary>Names of preflight checks, with wildcards, whose findings do not block.</summary>
    public IReadOnlyList<string> SkipChecks { get; init; } = [];

    /// <summary>End whoever holds the cluster's lock.</summary>
    public bool BreakLock { get; init; }

    /// <summary>Kill containers that would not stop.</summary>
    public bool Force { get; init; }

    /// <summary>Limit for each wait of the cutover: containers gone, quorum healthy, apiservers ready.</summary>
    public TimeSpan StepTimeout { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>Limit for nodes, workloads and pods to be ready after the API is back; null for one by the cluster's size.</summary>
    public TimeSpan? ConvergeTimeout { get; init; }
}
