namespace EtcdDr.Engine.Restore;

/// <summary>What a node's own facts say of a restore: its journal's state, its data and its manifests. Nothing else decides where it
/// stands.</summary>
internal sealed record NodeStanding
{
    /// <summary>The node.</summary>
    public required string Node { get; init; }

    /// <summary>Whether it answered.</summary>
    public bool Answers { get; init; } = true;

    /// <summary>Whether it is given up: what was begun with it is not gone on with.</summary>
    public bool Lost { get; init; }

    /// <summary>The state that its journal recorded last; null where it has no journal of the restore.</summary>
    public RestoreState? Recorded { get; init; }

    /// <summary>Whether verified new data lies ready on it, as it was left.</summary>
    public bool Staged { get; init; }

    /// <summary>Whether its live data was taken aside, in whole or in part.</summary>
    public bool Swapped { get; init; }

    /// <summary>Whether any manifest is held aside.</summary>
    public bool Held { get; init; }

    /// <summary>Whether that of etcd is.</summary>
    public bool EtcdHeld { get; init; }

    /// <summary>Whether that of its apiserver is.</summary>
    public bool ApiHeld { get; init; }

    /// <summary>Whether it has the previous data with raised revisions.</summary>
    public bool Raised { get; init; }

    /// <summary>Whether clients may have seen what the new data serves.</summary>
    public bool MayServe => Swapped && !ApiHeld;

    /// <summary>Where it stands.</summary>
    public NodePosition Position =>
        !Answers ? NodePosition.Away
        : Swapped ? OfNewData()
        : Held ? NodePosition.Held
        : Recorded is RestoreState.RolledBack or RestoreState.Undone ? NodePosition.PutBack
        : Staged ? NodePosition.Staged
        : NodePosition.Untouched;

    /// <summary>Whether it is on its way back, which is ended before anything else.</summary>
    public bool GoesBack => Recorded is RestoreState.RollingBack or RestoreState.Failed;

    /// <summary>Whether its journal owes an end.</summary>
    public bool Unfinished =>
        Recorded
            is RestoreState.CuttingOver
                or RestoreState.Converging
                or RestoreState.Quiesced
                or RestoreState.RollingBack
                or RestoreState.Failed;

    /// <summary>Whether the journal says that an end was reached.</summary>
    public bool Ended =>
        Recorded
            is RestoreState.Completed
                or RestoreState.Incomplete
                or RestoreState.RolledBack
                or RestoreState.Undone
                or RestoreState.Abandoned;

    /// <summary>A node that does not answer.</summary>
    public static NodeStanding Away(string node) => new() { Node = node, Answers = false };

    /// <summary>A node of an earlier run that is given up now.</summary>
    public static NodeStanding GivenUp(string node) => Away(node) with { Lost = true };

    /// <summary>Reads what <see cref="RestoreCommands.Look"/> printed.</summary>
    public static NodeStanding Parse(string node, string text)
    {
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var state = lines.FirstOrDefault(l => l.StartsWith("state ", StringComparison.Ordinal))?["state ".Length..];
        return new NodeStanding
        {
            Node = node,
            Recorded = Enum.TryParse<RestoreState>(state, out var known) ? known : null,
            Staged = lines.Contains("staged"),
            Swapped = lines.Contains("swapped"),
            Held = lines.Any(l => l.StartsWith("held ", StringComparison.Ordinal)),
            EtcdHeld = lines.Contains("held etcd"),
            ApiHeld = lines.Contains("held api"),
            Raised = lines.Contains("raised"),
        };
    }

    private NodePosition OfNewData() =>
        EtcdHeld ? NodePosition.Swapped
        : Recorded
            is RestoreState.Converging
                or RestoreState.Quiesced
                or RestoreState.Completed
                or RestoreState.Incomplete
                or RestoreState.Abandoned
            ? NodePosition.Serving
        : NodePosition.Started;
}
