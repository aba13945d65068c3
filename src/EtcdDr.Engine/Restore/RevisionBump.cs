using EtcdDr.Engine.Journals;

namespace EtcdDr.Engine.Restore;

/// <summary>
/// By how much the revisions of restored members are raised. Clients keep revisions (a watch's resourceVersion, a controller's cache); one
/// that comes back lower, or the same with other content, is another past for them (kubernetes/kubernetes#107457). So restored members
/// begin above every revision that any member of the target is known to have served, earlier restores included. Pure.
/// </summary>
internal static class RevisionBump
{
    /// <summary>How far above: more than a busy cluster writes between the last time somebody looked and now.</summary>
    public const long Distance = 1_000_000_000;

    /// <summary>The amount for <c>--bump-revision</c>, which is added to the snapshot's own revision.</summary>
    /// <param name="snapshot">The snapshot's revision; null where it is not recorded: then the target's count in full.</param>
    /// <param name="served">Revisions that the target is known to have served.</param>
    public static long By(long? snapshot, IEnumerable<long> served) =>
        Math.Max(0, served.DefaultIfEmpty(0).Max() - (snapshot ?? 0)) + Distance;

    /// <summary>The revisions that a target is known to have served: by its members now, and by what earlier restores recorded before and
    /// began above.</summary>
    public static IEnumerable<long> Served(IEnumerable<MemberBefore> now, IEnumerable<RestoreJournal> journals)
    {
        var recorded = journals.ToList();
        return now.Select(b => b.Revision)
            .Concat(recorded.SelectMany(j => j.Nodes).Select(n => n.Before?.Revision))
            .Concat(recorded.Where(j => j.State is not (RestoreState.Staging or RestoreState.Staged)).Select(j => j.RaisedTo))
            .OfType<long>();
    }

    /// <summary>Whether a stage that was not cut over begins below what has been served by now, so that it must be built anew.</summary>
    public static bool IsOutdated(RestoreJournal stage, IEnumerable<long> served) =>
        stage.State is RestoreState.Staging or RestoreState.Staged && stage.RaisedTo is { } raised && served.Any(s => s >= raised);
}
