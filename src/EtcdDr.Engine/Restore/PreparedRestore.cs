using EtcdDr.Engine.Clusters;
using EtcdDr.Engine.Journals;
using EtcdDr.Engine.Snapshots;

namespace EtcdDr.Engine.Restore;

/// <summary>A restore that was planned: connections, what was read, and the plan. Nothing was touched yet.</summary>
public sealed class PreparedRestore : IAsyncDisposable
{
    internal PreparedRestore(ClusterSession session, SnapshotReader snapshot)
    {
        Session = session;
        Snapshot = snapshot;
    }

    /// <summary>The plan.</summary>
    public RestorePlan Plan { get; internal set; } = null!;

    /// <summary>Whether it goes on with one that was interrupted.</summary>
    public bool Resumes => Earlier is not null;

    /// <summary>Whether the operator has to name the nodes that are given up: they could serve the previous state by themselves. Once said
    /// it holds for the rest of that restore.</summary>
    public bool LostMustBeNamed => Choice.LostCouldServe && !(Earlier is { } earlier && earlier.Lost.SequenceEqual(Choice.Lost));

    internal ClusterSession Session { get; }

    internal SnapshotReader Snapshot { get; }

    internal IReadOnlyList<ClusterNode> AllNodes { get; set; } = [];

    internal IReadOnlyList<RestoreNode> Nodes { get; set; } = [];

    /// <summary>Who takes part, and who is given up.</summary>
    internal NodeChoice Choice { get; set; } = new([], []);

    internal RestoreTools Tools { get; set; } = RestoreTools.None;

    internal IReadOnlySet<string> Staged { get; set; } = new HashSet<string>();

    internal string DatabaseSha256 { get; set; } = string.Empty;

    internal string Token { get; set; } = string.Empty;

    internal string? PreviousClusterId { get; set; }

    /// <summary>The interrupted restore of the same snapshot, with the state that is furthest on any node; null for a new one.</summary>
    internal RestoreJournal? Earlier { get; set; }

    /// <summary>By how much the revisions of the members are raised above the snapshot's, where the tool can.</summary>
    internal long RaiseRevisionBy { get; set; } = RevisionBump.Distance;

    /// <summary>The snapshot's revision; null where nothing tells it.</summary>
    internal long? Revision { get; set; }

    /// <summary>The revision above which the members begin; null where it is not recorded, or the tool cannot raise.</summary>
    internal long? RaisedTo { get; set; }

    /// <summary>What comes next, as the nodes stand.</summary>
    internal RestoreAction Action { get; set; } = new(RestoreActionKind.Stage, []);

    /// <summary>Stages of other snapshots, which a new stage replaces.</summary>
    internal IReadOnlyList<NodeJournal> OldStages { get; set; } = [];

    /// <summary>Names of the restore's key files and where the snapshot has them.</summary>
    internal IReadOnlyList<RestoreKeyFile> Keys { get; set; } = [];

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Snapshot.DisposeAsync();
        await Session.DisposeAsync();
    }
}
