using System.Text;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Snapshots;
using EtcdDr.Engine.Snapshots.Retention;

namespace EtcdDr.Bench.Fuzzing;

/// <summary>
/// A place that lies: its listings, its sizes and the files in it. Whatever it says, the snapshots at it are listed and looked at by
/// retention to the end; what is emitted is inside the place and shows as it is.
/// </summary>
public sealed class ListingTarget : IFuzzTarget
{
    private const string Own = "/backups/etcd_snapshot_2026-11-22_23-53-31";
    private const string Maa = "/backups/etcd_snapshot_2022-08-29_15-56-59";

    private static readonly Dictionary<string, byte[]> Files = Build();

    /// <inheritdoc/>
    public string Name => "listing";

    /// <inheritdoc/>
    public FuzzVerdict Try(Random random, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(random);
        var files = new Dictionary<string, byte[]>(Files, StringComparer.Ordinal);
        if (random.Next(2) == 0)
        {
            var changed = files.Keys.ElementAt(random.Next(files.Count));
            files[changed] = changed.EndsWith(".json", StringComparison.Ordinal)
                ? JsonMutation.Apply(files[changed], random)
                : Mutation.Apply(files[changed], random, 64);
        }

        try
        {
            return LookAsync(new HostileHost(random, files), cancellationToken).GetAwaiter().GetResult();
        }
        catch (EtcdDrException)
        {
            // Only where the place itself cannot be listed.
            return FuzzVerdict.Refused;
        }
    }

    private static async Task<FuzzVerdict> LookAsync(HostileHost host, CancellationToken cancellationToken)
    {
        var context = new OperationContext(new SilentSink());
        var found = await new SnapshotCatalog(host, context).FindAsync(SnapshotLocation.Parse("hostile:/backups"), null, cancellationToken);
        foreach (var snapshot in found)
        {
            var shown =
                $"{snapshot} {snapshot.Label} {HumanText.Size(snapshot.Size)} {HumanText.Age(snapshot.Created)} "
                + $"{string.Join(' ', snapshot.Nodes.Select(n => $"{n.Name} {n.Address}"))}";
            if (
                shown.Any(char.IsControl)
                || snapshot.Size < 0
                || !StorePath.IsSafe(snapshot.Path[1..])
                || !snapshot.Path.StartsWith("/backups", StringComparison.Ordinal)
            )
            {
                throw new InvalidOperationException($"It was emitted: {shown}");
            }
        }

        await new RemoveSnapshotOperation(host, context).DecideAsync(
            found,
            new RetentionPolicy { KeepLast = 1, KeepWeekly = 2 },
            cancellationToken
        );
        return found.Count > 0 ? FuzzVerdict.Different : FuzzVerdict.Refused;
    }

    private static Dictionary<string, byte[]> Build()
    {
        var files = new Dictionary<string, byte[]>(StringComparer.Ordinal)
        {
            [$"{Own}/{SnapshotManifest.FileName}"] = FuzzManifests.Plain.ToJson(),
        };
        foreach (var file in FuzzManifests.Plain.Files)
        {
            files[$"{Own}/{file.Path}"] = new byte[file.Size];
        }

        files[$"{Own}/restore_attempted_2026-11-23_00-00-00/journal.json"] = """{"state":"Completed"}"""u8.ToArray();
        foreach (
            var (name, text) in (IEnumerable<(string, string)>)
                [
                    ("mnode.log", "m1\nm2\n"),
                    ("wnode.log", "w1\n"),
                    ("etcd_master.log", "m1\n"),
                    ("backup_label.txt", "a label\n"),
                    ("sa.key", "k"),
                    ("sa.pub", "p"),
                    ("kubectl-nodes.log", "NAME STATUS VERSION INTERNAL-IP\nm1 Ready v1.25.12 10.0.0.1\n"),
                    ("etcd_info.log", "|ENDPOINT|VERSION|\n|m1|3.4.3|\n"),
                    ("m1/etcd-snapshot-m1.db", new string('x', 600)),
                ]
        )
        {
            files[$"{Maa}/{name}"] = Encoding.UTF8.GetBytes(text);
        }

        files["/backups/bare.db"] = new DatabaseBuilder().Put("a", [1]).Build();
        return files;
    }
}
