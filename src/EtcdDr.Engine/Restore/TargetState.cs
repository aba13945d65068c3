using EtcdDr.Engine.Etcd;
using EtcdDr.Engine.Mirror;
using EtcdDr.Engine.Snapshots;

namespace EtcdDr.Engine.Restore;

/// <summary>What a restore overwrites, as far as it can be told without reading a whole database: by its members' answers, and by the ends
/// of their database files. Pure.</summary>
/// <param name="Revision">The highest revision; null where none could be read.</param>
/// <param name="NewestChange">The newest time that an object among the last records tells of itself.</param>
/// <param name="NewestKey">Its key.</param>
/// <param name="Written">When a database file was last written to: nothing is newer.</param>
internal sealed record TargetState(long? Revision, DateTime? NewestChange, string? NewestKey, DateTime? Written)
{
    /// <summary>Of a cluster.</summary>
    public static TargetState Of(SiteFacts site)
    {
        var files = site.ControlPlane.Select(n => n.Facts?.Database).OfType<MemberDatabase>().ToList();
        var newest = files
            .Select(f => f.Tail)
            .Where(t => t?.NewestChange is not null)
            .OrderByDescending(t => t!.Revision)
            .ThenByDescending(t => t!.NewestChange)
            .FirstOrDefault();
        var revisions = MembersBefore.Of(site).Values.Select(b => b.Revision).OfType<long>().ToList();
        return new TargetState(
            revisions.Count == 0 ? null : revisions.Max(),
            newest?.NewestChange,
            newest?.NewestKey is { } key ? StorePath.Printable(key) : null,
            files.Count == 0 ? null : files.Max(f => f.Written)
        );
    }
}
