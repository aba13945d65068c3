using EtcdDr.Engine.ControlPlane.Manifests;
using EtcdDr.Engine.Kube;
using EtcdDr.Engine.Kube.Inventory;

namespace EtcdDr.Engine.Snapshots;

/// <summary>What the kube API adds to a snapshot. A snapshot without it is whole: the API may be what is broken.</summary>
/// <param name="Facts">Facts of the cluster, from the API and the manifests, or from the manifests alone.</param>
/// <param name="Warnings">What the inventory lacks, or why there is none.</param>
internal sealed record SnapshotInventory(ClusterFacts Facts, IReadOnlyList<string> Warnings)
{
    private const string Folder = "inventory";

    /// <summary>The inventory is written object by object; the disk is better served with larger pieces.</summary>
    private const int Buffer = 64 * 1024;

    /// <summary>Writes the inventory. Where the API is away, or goes away meanwhile, none of it stays: half an inventory would tell of
    /// losses that are none.</summary>
    /// <param name="api">The API; null where it cannot even be addressed.</param>
    /// <param name="manifests">Manifests of a control-plane node; null where none are at hand.</param>
    /// <param name="stored">Objects that the snapshot's database holds in a form that can be read; null for none.</param>
    /// <param name="writer">The snapshot.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="EtcdDrException">The snapshot's directory cannot be written.</exception>
    public static async Task<SnapshotInventory> WriteAsync(
        KubeApi? api,
        NodeManifests? manifests,
        IStoredObjects? stored,
        SnapshotWriter writer,
        CancellationToken cancellationToken
    )
    {
        var local = await ClusterFacts.ReadAsync(null, manifests, cancellationToken);
        if (api is null)
        {
            return new SnapshotInventory(local, ["The kube API was away, so the snapshot holds no inventory."]);
        }

        ClusterFacts? facts = null;
        try
        {
            facts = await ClusterFacts.ReadAsync(api, manifests, cancellationToken);
            var summary = await InventoryReader.CaptureAsync(
                api,
                stored,
                (path, write) => FillAsync(writer, path, write, cancellationToken),
                cancellationToken
            );
            return new SnapshotInventory(facts, summary.Warnings);
        }
        catch (EtcdDrException failure) when (IsOfApi(failure))
        {
            await writer.DiscardAsync(Folder, cancellationToken);
            return new SnapshotInventory(
                facts ?? local,
                [$"The kube API could not be asked, so the snapshot holds no inventory: {failure.Message}"]
            );
        }
    }

    private static Task FillAsync(SnapshotWriter writer, string path, Func<Stream, Task> write, CancellationToken cancellationToken) =>
        writer.WriteAsync(
            path,
            async stream =>
            {
                // Not disposed: it would close the writer's stream with it, and holds nothing else.
                var buffered = new BufferedStream(stream, Buffer);
                await write(buffered);
                await buffered.FlushAsync(cancellationToken);
                return true;
            },
            cancellationToken
        );

    /// <summary>All of <see cref="KubeErrors"/> begin like this; what the disk says does not, and ends the snapshot.</summary>
    private static bool IsOfApi(EtcdDrException failure) => failure.ErrorId.StartsWith("Kube", StringComparison.Ordinal);
}
