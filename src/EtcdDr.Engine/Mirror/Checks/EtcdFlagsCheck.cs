using System.Globalization;
using EtcdDr.Engine.ControlPlane.Manifests;

namespace EtcdDr.Engine.Mirror.Checks;

/// <summary>Flags of the secondary's etcd with which it runs now, and would not serve what is restored.</summary>
internal sealed class EtcdFlagsCheck : IMirrorCheck
{
    // What etcd takes where nothing is said, or zero (server/storage/quota.go).
    private const long UsualQuota = 2L * 1024 * 1024 * 1024;

    public string Name => "EtcdFlags";

    public string Category => "Etcd";

    public IEnumerable<MirrorFinding> Judge(SiteFacts primary, SiteFacts secondary)
    {
        var known = secondary.ControlPlane.Where(n => n.Etcd is not null).ToList();
        return MirrorFinding.OrPass(
            known.SelectMany(n => Findings(n.Etcd!, primary.DbSize).Select(f => f with { Node = n.Name })),
            known.Count > 0,
            "etcd's flags on every node fit what would be restored."
        );
    }

    private static IEnumerable<MirrorFinding> Findings(EtcdMemberConfiguration etcd, long database)
    {
        if (etcd.Flags.Last("force-new-cluster") is "" or "true" or "True" or "1")
        {
            yield return MirrorFinding.Fail(
                $"--force-new-cluster stands in {etcd.ManifestPath} on node '{etcd.Node}': at its next start that member makes a "
                    + "cluster of its own and throws the others out.",
                "Take the flag out of the manifest."
            );
        }

        var quota =
            long.TryParse(etcd.Flags.Last("quota-backend-bytes"), NumberStyles.None, CultureInfo.InvariantCulture, out var given)
            && given > 0
                ? given
                : UsualQuota;
        if (database > quota)
        {
            yield return MirrorFinding.Fail(
                $"etcd on node '{etcd.Node}' may hold {HumanText.Size(quota)}, and the database has {HumanText.Size(database)}: it "
                    + "would serve reads only, with the alarm NOSPACE.",
                $"Raise --quota-backend-bytes in {etcd.ManifestPath} on every node, or compact and defragment the source and take "
                    + "another snapshot."
            ) with
            {
                Primary = HumanText.Size(database),
                Secondary = HumanText.Size(quota),
            };
        }
    }
}
