namespace EtcdDr.Engine.Restore;

/// <summary>What is done next with a restore.</summary>
internal enum RestoreActionKind
{
    /// <summary>Nothing is left to do.</summary>
    Nothing,

    /// <summary>New data is built beside the live data, with a new token.</summary>
    Stage,

    /// <summary>Stop, swap, start: whatever of it is left.</summary>
    CutOver,

    /// <summary>The new state serves: what it still lacks is started.</summary>
    Finish,

    /// <summary>The new state serves on every node: nodes and workloads are brought in line with it.</summary>
    Converge,

    /// <summary>The previous data and keys are put back.</summary>
    PutBack,

    /// <summary>No data was swapped: held manifests are put back, and that is all.</summary>
    Release,

    /// <summary>The end is recorded.</summary>
    Record,

    /// <summary>It cannot be done; <see cref="RestoreAction.Nodes"/> are in the way.</summary>
    Refuse,
}
