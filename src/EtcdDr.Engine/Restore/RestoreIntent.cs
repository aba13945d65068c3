namespace EtcdDr.Engine.Restore;

/// <summary>What somebody wants of a restore.</summary>
internal enum RestoreIntent
{
    /// <summary>The new state, from the beginning or from where an earlier run got to.</summary>
    Restore,

    /// <summary>New data ready on every node, and no further.</summary>
    Stage,

    /// <summary>The previous state, because the cutover failed.</summary>
    RollBack,

    /// <summary>The previous state, because somebody says so.</summary>
    Undo,

    /// <summary>What serves of the new state, as it is.</summary>
    Accept,

    /// <summary>Nothing more: people go on by hand.</summary>
    Abandon,
}
