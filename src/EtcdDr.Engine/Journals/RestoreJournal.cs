using System.Text.Json;
using System.Text.Json.Serialization;

namespace EtcdDr.Engine.Journals;

/// <summary>
/// The journal of a restore: on every control-plane node (without steps; the node keeps its own list) and beside the snapshot (with them).
/// It holds what a rerun and Undo need, and no secret.
/// </summary>
public sealed record RestoreJournal
{
    /// <summary>Version of this format.</summary>
    public int FormatVersion { get; init; } = 1;

    /// <summary>Identifier of the restore.</summary>
    public required string Id { get; init; }

    /// <summary>The cluster's name in the profile of the machine that began it.</summary>
    public required string Cluster { get; init; }

    /// <summary>The snapshot's name.</summary>
    public required string Snapshot { get; init; }

    /// <summary>Where the snapshot lay.</summary>
    public required string SnapshotPath { get; init; }

    /// <summary>When the snapshot was taken, UTC; null in journals of versions that did not record it, and where it is not known.</summary>
    public DateTime? SnapshotCreated { get; init; }

    /// <summary>SHA-256 of the snapshot's database; what makes a rerun the same restore.</summary>
    public required string DatabaseSha256 { get; init; }

    /// <summary>Size of the database, bytes.</summary>
    public long DbSize { get; init; }

    /// <summary>The initial-cluster token that all members were built with.</summary>
    public required string Token { get; init; }

    /// <summary>When it began, UTC.</summary>
    public required DateTime Created { get; init; }

    /// <summary>Who began it, and on which machine.</summary>
    public required string CreatedBy { get; init; }

    /// <summary>etcd's cluster id before, 16 hexadecimal digits; null where etcd did not answer.</summary>
    public string? PreviousClusterId { get; init; }

    /// <summary>The revision above which the restored members begin; null in journals of versions that did not record it.</summary>
    public long? RaisedTo { get; init; }

    /// <summary>How the previous data was put back with raised revisions; null while it was not.</summary>
    public RaiseOrder? Raise { get; init; }

    /// <summary>Whether what it restores is kept quiet until somebody completes it.</summary>
    public bool Quiesce { get; init; }

    /// <summary>Control-plane nodes.</summary>
    public required IReadOnlyList<JournalNode> Nodes { get; init; }

    /// <summary>Control-plane nodes that were given up: they are no members of the restored etcd.</summary>
    public IReadOnlyList<string> Lost { get; init; } = [];

    /// <summary>Where it stands; on nodes the file <c>state</c> is newer.</summary>
    public RestoreState State { get; init; }

    /// <summary>Steps so far; kept locally only.</summary>
    public IReadOnlyList<RestoreStepResult> Steps { get; init; } = [];

    /// <summary>Whether it is neither finished nor put back, so that a rerun or Undo has to end it.</summary>
    [JsonIgnore]
    public bool Unfinished =>
        State
            is RestoreState.CuttingOver
                or RestoreState.Converging
                or RestoreState.Quiesced
                or RestoreState.RollingBack
                or RestoreState.Failed;

    /// <summary>The journal as UTF-8 JSON.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, RestoreJsonContext.Default.RestoreJournal);

    /// <summary>Reads a journal.</summary>
    /// <param name="json">UTF-8 JSON.</param>
    /// <param name="place">Where it was found, for messages.</param>
    /// <exception cref="EtcdDrException"><c>RestoreJournalInvalid</c>: it is damaged or of a newer version.</exception>
    public static RestoreJournal Parse(ReadOnlySpan<byte> json, string place)
    {
        RestoreJournal? journal;
        try
        {
            journal = JsonSerializer.Deserialize(json, RestoreJsonContext.Default.RestoreJournal);
        }
        catch (JsonException e)
        {
            throw Invalid(place, e.Message, e);
        }

        return journal switch
        {
            null => throw Invalid(place, Errors.RestoreJournalInvalid_Empty_Part, null),
            { FormatVersion: > 1 } => throw Invalid(place, Errors.RestoreJournalInvalid_Newer_Part.With(journal.FormatVersion), null),
            _ => journal,
        };
    }

    private static EtcdDrException Invalid(string place, string why, Exception? inner) =>
        new(
            "RestoreJournalInvalid",
            EtcdDrErrorCategory.InvalidData,
            Errors.RestoreJournalInvalid.With(place, why),
            Errors.RestoreJournalInvalid_Action,
            place,
            inner
        );
}
