namespace EtcdDr;

/// <summary>Where a restore stands.</summary>
public enum RestoreState
{
    /// <summary>Planned only; nothing was touched.</summary>
    Planned,

    /// <summary>Data directories are being built on the nodes; the live cluster is as it was.</summary>
    Staging,

    /// <summary>Verified data directories lie ready on the nodes; the live cluster is as it was.</summary>
    Staged,

    /// <summary>The control plane is being stopped, swapped and started; the new state does not serve yet.</summary>
    CuttingOver,

    /// <summary>The new state serves; nodes and workloads are being brought in line with it.</summary>
    Converging,

    /// <summary>The new state serves quietly: controllers, schedulers, kubelets of workers and CronJobs are held until
    /// <c>Complete-EtcdRestore</c> releases them or <c>Undo-EtcdRestore</c> puts the previous state back.</summary>
    Quiesced,

    /// <summary>The new state serves and everything runs.</summary>
    Completed,

    /// <summary>The new state serves, but something is not as it should be; the report says what.</summary>
    Incomplete,

    /// <summary>The previous state is being put back.</summary>
    RollingBack,

    /// <summary>The cutover failed and the previous state serves again.</summary>
    RolledBack,

    /// <summary>It was undone: the previous state serves again.</summary>
    Undone,

    /// <summary>It stopped on the way; neither rollback nor completion was reached. A rerun or Undo ends it.</summary>
    Failed,

    /// <summary>Somebody ended it by <c>Undo-EtcdRestore -Abandon</c>: nodes were left as they stood, and go on by hand.</summary>
    Abandoned,
}
