using System.Text;
using EtcdDr.Engine.Snapshots.Places;

namespace EtcdDr.Engine.Snapshots;

/// <summary>
/// Backups as the MAA scripts write them (maak8-etcd-backup.sh): node lists, tables of kubectl and etcdctl, a database and archives per
/// control-plane node, <c>sa.*</c>, and last of all the label.
/// </summary>
internal static class MaaBackup
{
    /// <summary>Names of the control-plane nodes, one a line.</summary>
    public const string ControlPlanes = "mnode.log";

    private const string Workers = "wnode.log";
    private const string Leader = "etcd_master.log";
    private const string Label = "backup_label.txt";
    private const string NodeTable = "kubectl-nodes.log";
    private const string EtcdTable = "etcd_info.log";
    private const int MaximumText = 4 * 1024 * 1024;

    /// <summary>Reads the backup that a directory is.</summary>
    /// <exception cref="EtcdDrException"><c>SnapshotIncomplete</c>.</exception>
    public static async Task<SnapshotContents> ReadAsync(
        ISnapshotStore store,
        string directory,
        IReadOnlyList<SnapshotStoreEntry> entries,
        CancellationToken cancellationToken
    )
    {
        var place = SnapshotRecognizer.PlaceOf(store, directory);
        var files = entries.Where(e => !e.IsLink).ToDictionary(e => e.Path, StringComparer.Ordinal);
        foreach (var needed in (string[])[Label, Leader, "sa.key", "sa.pub"])
        {
            if (!files.ContainsKey(needed))
            {
                throw SnapshotErrors.Incomplete(place, Errors.SnapshotIncomplete_Maa_Part.With(needed));
            }
        }

        async Task<string[]> LinesAsync(string name) =>
            files.ContainsKey(name)
                ? Lines(await SnapshotRecognizer.ReadSmallAsync(store, StorePath.Combine(directory, name), MaximumText, cancellationToken))
                : [];

        var controlPlanes = await LinesAsync(ControlPlanes);
        var table = NodesOf(await LinesAsync(NodeTable));
        var database =
            DatabaseOf(controlPlanes, (await LinesAsync(Leader)).FirstOrDefault(), files)
            ?? throw SnapshotErrors.Incomplete(place, Errors.SnapshotIncomplete_MaaDatabase_Part);
        var name = SnapshotRecognizer.NameOf(store, directory);
        var snapshot = new EtcdSnapshot
        {
            Name = name,
            Path = store.FullPath(directory),
            Format = SnapshotFormat.Maa,
            Label = string.Join(' ', await LinesAsync(Label)) is { Length: > 0 } label ? label : null,
            Created = SnapshotNames.TimeOf(name) ?? files[Label].Modified,
            KubernetesVersion = controlPlanes.Select(n => table.GetValueOrDefault(n).Version).FirstOrDefault(v => v is not null),
            EtcdVersion = EtcdVersionOf(await LinesAsync(EtcdTable)),
            DbSize = files[database].Size,
            Size = SnapshotStoreEntry.Total(files.Values),
            Nodes =
            [
                .. controlPlanes.Select(n => new SnapshotNode(n, NodeRole.ControlPlane, table.GetValueOrDefault(n).Address)),
                .. (await LinesAsync(Workers)).Select(n => new SnapshotNode(n, NodeRole.Worker, table.GetValueOrDefault(n).Address)),
            ],
        };
        return new SnapshotContents
        {
            Snapshot = snapshot,
            Database = database,
            ServiceAccountKey = "sa.key",
            ServiceAccountPublicKey = "sa.pub",
            Entries = entries,
        };
    }

    /// <summary>Addresses and kubelet versions of a <c>kubectl get nodes -o wide</c> table.</summary>
    internal static Dictionary<string, (string? Version, string? Address)> NodesOf(string[] lines)
    {
        var nodes = new Dictionary<string, (string?, string?)>(StringComparer.Ordinal);
        var header = lines.Length == 0 ? [] : Words(lines[0]);
        var (version, address) = (Array.IndexOf(header, "VERSION"), Array.IndexOf(header, "INTERNAL-IP"));
        foreach (var words in lines.Skip(1).Select(Words))
        {
            nodes[words[0]] = (At(words, version), At(words, address) is { } ip && ip != "<none>" ? ip : null);
        }

        return nodes;
    }

    /// <summary>The first member's version in an <c>etcdctl -w table endpoint status</c> table.</summary>
    internal static string? EtcdVersionOf(string[] lines)
    {
        var rows = lines.Where(l => l.StartsWith('|')).Select(l => l.Trim('|').Split('|', StringSplitOptions.TrimEntries)).ToList();
        if (rows.Count < 2)
        {
            return null;
        }

        return At(rows[1], Array.IndexOf(rows[0], "VERSION"));
    }

    // The scripts take one database per control-plane node; the leader's is the one whose keys and state go together.
    private static string? DatabaseOf(string[] controlPlanes, string? leader, Dictionary<string, SnapshotStoreEntry> files) =>
        controlPlanes
            .OrderBy(n => n == leader ? 0 : 1)
            .Where(StorePath.IsSafe)
            .Select(n => $"{n}/etcd-snapshot-{n}.db")
            .FirstOrDefault(files.ContainsKey);

    private static string[] Lines(byte[] text) =>
        Encoding
            .UTF8.GetString(text)
            .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(line => StorePath.Printable(line.Replace('\t', ' ')))
            .ToArray();

    private static string[] Words(string line) => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    private static string? At(string[] words, int index) => index >= 0 && index < words.Length ? words[index] : null;
}
