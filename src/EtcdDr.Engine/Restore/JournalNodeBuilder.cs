using EtcdDr.Engine.ControlPlane;
using EtcdDr.Engine.Journals;
using EtcdDr.Engine.Nodes;

namespace EtcdDr.Engine.Restore;

/// <summary>Decides where a restore keeps its things on a node, and what it swaps there.</summary>
internal static class JournalNodeBuilder
{
    private const string WorkSuffix = ".etcddr";

    /// <summary>Lays out a restore on a node.</summary>
    /// <param name="id">The restore.</param>
    /// <param name="facts">The node.</param>
    /// <param name="keys">Files to swap.</param>
    /// <exception cref="EtcdDrException"><c>ManifestAmbiguous</c>: two files of the kubelet's directory define one part of the control
    /// plane.</exception>
    public static JournalNode Build(string id, NodeFacts facts, IReadOnlyList<JournalKey> keys)
    {
        var etcd = facts.Etcd;
        var parts = ControlPlanePart.Of(facts.Manifests);
        var work = WorkDirectory(facts.DataDirectory, facts.DataIsMounted, id);
        var walWork = facts.WalDirectory is { } wal ? WorkDirectory(wal, facts.WalIsMounted, id) : null;
        var units = new List<JournalUnit> { new(facts.DataDirectory, "member", work + "/staged", work + "/previous") };
        if (facts.WalDirectory is { } walPath && walWork is not null)
        {
            units.Add(WalUnit(walPath, walWork, facts.WalIsMounted));
        }

        return new JournalNode
        {
            Name = facts.Node.Name,
            MemberName = etcd.Name,
            PeerUrls = etcd.InitialAdvertisePeerUrls.Select(Text).ToList(),
            ManifestDirectory = facts.Manifests.StaticPodPath,
            JournalDirectory = $"{HeldManifests.Root(facts.Manifests.StaticPodPath)}/{id}",
            RuntimeEndpoint = facts.RuntimeEndpoint,
            Components = [.. parts.Select(p => p.Name)],
            Files = parts,
            WorkDirectory = work,
            WalWorkDirectory = walWork,
            DataDirectory = facts.DataDirectory,
            Units = units,
            Keys = keys,
        };
    }

    /// <summary>A peer URL as etcd's flags take it: without a slash at its end.</summary>
    public static string Text(Uri url) => url.AbsoluteUri.TrimEnd('/');

    // A mount point cannot be renamed and its neighbours are on another file system, so the work goes inside it; etcd ignores names it does
    // not know.
    private static string WorkDirectory(string live, bool mounted, string id) =>
        mounted ? $"{live.TrimEnd('/')}/{WorkSuffix}/{id}" : $"{live.TrimEnd('/')}{WorkSuffix}/{id}";

    // The tool writes WAL files straight into the directory that --wal-dir names; the whole of it is swapped.
    private static JournalUnit WalUnit(string wal, string work, bool mounted)
    {
        if (mounted)
        {
            return new JournalUnit(wal, "*", work + "/staged", work + "/previous");
        }

        var slash = wal.TrimEnd('/').LastIndexOf('/');
        return new JournalUnit(slash <= 0 ? "/" : wal[..slash], wal.TrimEnd('/')[(slash + 1)..], work + "/staged", work + "/previous");
    }
}
