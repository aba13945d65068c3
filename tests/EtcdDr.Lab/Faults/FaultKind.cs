namespace EtcdDr.Lab.Faults;

/// <summary>What strikes a restore.</summary>
public enum FaultKind
{
    /// <summary>The node's link is cut; its processes run on.</summary>
    Cut,

    /// <summary>The node loses its power and gets it back when the restore has ended.</summary>
    Power,

    /// <summary>One remote command fails on the node.</summary>
    Command,

    /// <summary>The node's disk is full.</summary>
    Disk,

    /// <summary>The process that runs the cmdlet is killed (SIGKILL); the same restore is run again.</summary>
    KillRerun,

    /// <summary>The process that runs the cmdlet is killed (SIGKILL); the restore is undone.</summary>
    KillUndo,

    /// <summary>Ctrl-C.</summary>
    Interrupt,
}
