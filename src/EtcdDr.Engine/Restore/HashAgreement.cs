using EtcdDr.Engine.Etcd;

namespace EtcdDr.Engine.Restore;

/// <summary>What all members agree on.</summary>
/// <param name="Hash">HashKV.</param>
/// <param name="Revision">The revision that it was taken at.</param>
/// <param name="ClusterId">The cluster id, 16 hexadecimal digits.</param>
internal sealed record HashAgreement(uint Hash, long Revision, string ClusterId)
{
    private const int Attempts = 5;

    /// <summary>Compares cluster ids, and HashKV at one revision that all members have applied.</summary>
    /// <exception cref="EtcdDrException"><c>EtcdMembersDisagree</c>: they do not hold the same data.</exception>
    public static async Task<HashAgreement> CheckAsync(IReadOnlyList<EtcdConnection> members, CancellationToken cancellationToken)
    {
        var ids = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var attempt = 1; ; attempt++)
        {
            var statuses = await Task.WhenAll(members.Select(m => m.StatusAsync(cancellationToken)));
            var revision = statuses.Min(s => s.Revision);
            var hashes = await Task.WhenAll(members.Select(m => m.HashKvAsync(revision, cancellationToken)));
            var same = hashes.All(h => h.Hash == hashes[0].Hash && h.CompactRevision == hashes[0].CompactRevision);
            if (same && statuses.All(s => s.ClusterId == statuses[0].ClusterId))
            {
                return new HashAgreement(hashes[0].Hash, revision, statuses[0].ClusterId.ToString("x16"));
            }

            // Between two calls one member may have compacted; hashes compare only where the compaction is the same.
            if (attempt == Attempts || (same is false && hashes.All(h => h.CompactRevision == hashes[0].CompactRevision)))
            {
                for (var i = 0; i < members.Count; i++)
                {
                    ids[members[i].Node] = $"cluster {statuses[i].ClusterId:x16}, HashKV {hashes[i].Hash} at revision {revision}";
                }

                throw new EtcdDrException(
                    "EtcdMembersDisagree",
                    EtcdDrErrorCategory.InvalidData,
                    $"The etcd members do not hold the same data: {string.Join("; ", ids.Select(i => $"{i.Key}: {i.Value}"))}.",
                    "Do not write to this cluster; undo the restore (Undo-EtcdRestore) and look at the etcd logs.",
                    members[0].Node);
            }
        }
    }
}
