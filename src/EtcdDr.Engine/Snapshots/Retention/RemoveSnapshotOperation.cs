using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Snapshots.Verification;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.Snapshots.Retention;

/// <summary>
/// Removes snapshots: single ones, or those that a policy does not keep. Never the last good one of a cluster in its directory, never one
/// that an unfinished restore needs, never a directory that holds anything else.
/// </summary>
public sealed class RemoveSnapshotOperation(IRemoteHostFactory hosts, OperationContext context)
{
    /// <summary>Decides by a policy what becomes of snapshots. The newest of each cluster at each place are read whole until one proves
    /// good.</summary>
    public async Task<IReadOnlyList<RetentionDecision>> DecideAsync(
        IReadOnlyList<EtcdSnapshot> snapshots,
        RetentionPolicy policy,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(snapshots);
        var candidates = new List<RetentionCandidate>();
        foreach (var cluster in snapshots.GroupBy(RetentionGroup.Of))
        {
            var proven = false;
            foreach (var snapshot in cluster.OrderByDescending(s => s.Created))
            {
                var candidate = await LookAsync(snapshot, prove: !proven, cancellationToken);
                proven |= candidate.Damage is null;
                candidates.Add(candidate);
            }
        }

        return SnapshotRetention.Decide(candidates, policy);
    }

    /// <summary>Decides whether one snapshot may be removed: its neighbours in the same directory must hold another good one of its
    /// cluster.</summary>
    public async Task<RetentionDecision> DecideAsync(EtcdSnapshot snapshot, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        var itself = await LookAsync(snapshot, prove: false, cancellationToken);
        if (itself.NeededBy is { } restore)
        {
            return new RetentionDecision(snapshot, Keep: true, $"needed by the unfinished restore {restore}");
        }

        var neighbours = await new SnapshotCatalog(hosts, context).FindAsync(
            SnapshotLocation.Of(snapshot).Parent,
            snapshot.Ssh,
            cancellationToken
        );
        var others = neighbours
            .Where(s => s.Path != snapshot.Path && RetentionGroup.Of(s) == RetentionGroup.Of(snapshot))
            .OrderByDescending(s => s.Created);
        foreach (var other in others)
        {
            if ((await LookAsync(other, prove: true, cancellationToken)).Damage is null)
            {
                return new RetentionDecision(snapshot, Keep: false, $"{other.Name} is there and good");
            }
        }

        return new RetentionDecision(snapshot, Keep: true, "the last good one of its cluster in that directory");
    }

    /// <summary>Removes one snapshot: renamed out of sight first, so that what is left of a removal that was cut is no snapshot.</summary>
    /// <exception cref="EtcdDrException"><c>NotASnapshot</c>, <c>SnapshotHoldsOthers</c>, <c>DestinationNotWritable</c>.</exception>
    public async Task RemoveAsync(EtcdSnapshot snapshot, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        var location = SnapshotLocation.Of(snapshot);
        await using var store = await SnapshotStores.OpenAsync(location.Parent, snapshot.Ssh, hosts, context, cancellationToken);
        var files = await OwnFilesAsync(snapshot, cancellationToken);
        if (snapshot.Format == SnapshotFormat.Database)
        {
            await store.DeleteAsync(location.Name, cancellationToken);
            return;
        }

        await store.RemoveAsync(location.Name, files, cancellationToken);
    }

    /// <summary>
    /// The directories at a place that a snapshot leaves whose writing, copying or removal was cut off (<c>.NAME.partial</c>,
    /// <c>.NAME.removing</c>), oldest first. Some may be at work still: see <see cref="UnfinishedSnapshot.LastChanged"/>.
    /// </summary>
    public async Task<IReadOnlyList<UnfinishedSnapshot>> FindUnfinishedAsync(
        SnapshotLocation location,
        SshSettings? ssh,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(location);
        await using var store = await SnapshotStores.OpenAsync(location, ssh, hosts, context, cancellationToken);
        var found = await store.FindUnfinishedAsync(cancellationToken);
        return found.Select(u => new UnfinishedSnapshot(location, u.Name, u.LastChanged, u.Size)).OrderBy(u => u.LastChanged).ToList();
    }

    /// <summary>Removes what an unfinished snapshot left.</summary>
    public async Task RemoveUnfinishedAsync(UnfinishedSnapshot unfinished, SshSettings? ssh, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(unfinished);
        await using var store = await SnapshotStores.OpenAsync(unfinished.Location, ssh, hosts, context, cancellationToken);
        await store.RemoveUnfinishedAsync(unfinished.Name, cancellationToken);
    }

    private async Task<RetentionCandidate> LookAsync(EtcdSnapshot snapshot, bool prove, CancellationToken cancellationToken)
    {
        string? restore = null;
        try
        {
            await using var reader = await SnapshotReader.OpenAsync(snapshot, hosts, context, cancellationToken);
            restore =
                snapshot.Format == SnapshotFormat.Database
                    ? null
                    : await RestoreRecords.UnfinishedAsync(reader.Store, string.Empty, cancellationToken);
            if (prove)
            {
                context.Sink.Verbose($"Verifying {snapshot}.");
                context.Sink.Progress(
                    new ProgressUpdate("Decide which snapshots are kept", null, $"Reading {snapshot.Name}, {HumanText.Size(snapshot.Size)}")
                );
                await reader.VerifySumsAsync(null, cancellationToken);
            }

            return new RetentionCandidate(snapshot, Damage: null, restore);
        }
        catch (EtcdDrException e) when (SnapshotVerifier.IsFinding(e) || e.Category == EtcdDrErrorCategory.ReadError)
        {
            // Of one that cannot be opened it is not known whether a restore needs it; a damaged one stays in any case.
            return new RetentionCandidate(snapshot, e.Message, restore);
        }
    }

    /// <summary>The files that make up the snapshot; a directory that holds anything else is not removed.</summary>
    private async Task<IReadOnlyList<string>> OwnFilesAsync(EtcdSnapshot snapshot, CancellationToken cancellationToken)
    {
        await using var reader = await SnapshotReader.OpenAsync(snapshot, hosts, context, cancellationToken);
        if (reader.StoredManifest is { } manifest)
        {
            var own = manifest.Files.Select(f => f.Path).Append(SnapshotManifest.FileName).ToHashSet(StringComparer.Ordinal);
            if (reader.Entries.FirstOrDefault(e => !own.Contains(e.Path)) is { } stranger)
            {
                throw new EtcdDrException(
                    "SnapshotHoldsOthers",
                    EtcdDrErrorCategory.InvalidOperation,
                    Errors.SnapshotHoldsOthers.With(snapshot, stranger.Path),
                    Errors.SnapshotHoldsOthers_Action,
                    snapshot.ToString()
                );
            }
        }

        return reader.Entries.Select(e => e.Path).ToList();
    }
}
