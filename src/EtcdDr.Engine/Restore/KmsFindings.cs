using System.Text;
using EtcdDr.Engine.Nodes;
using EtcdDr.Engine.Snapshots;
using EtcdDr.Engine.Snapshots.Keys;

namespace EtcdDr.Engine.Restore;

/// <summary>Whether apiservers of a cluster can read values that a snapshot holds encrypted by a key management service.</summary>
internal static class KmsFindings
{
    private const string Check = "EncryptionKms";

    /// <summary>Compares a snapshot's encryption configuration with those of nodes.</summary>
    public static async Task<IReadOnlyList<RestoreFinding>> OfAsync(
        PreparedRestore prepared,
        IReadOnlyList<NodeFacts> nodes,
        CancellationToken cancellationToken
    )
    {
        var theirs = new List<KmsProvider>();
        foreach (var config in prepared.Snapshot.EncryptionConfigs)
        {
            theirs.AddRange(KmsProvider.Of(Encoding.UTF8.GetString(await prepared.Snapshot.ReadFileAsync(config.Path, cancellationToken))));
        }

        if (theirs.Count == 0)
        {
            return [];
        }

        var own = await Task.WhenAll(
            nodes.Select(async n =>
                (
                    n.Node.Name,
                    await SnapshotKeys.KmsAsync(
                        await prepared.Session.HostAsync(n.Node, cancellationToken),
                        n.Manifests.ApiServer,
                        cancellationToken
                    )
                )
            )
        );
        return Judge(theirs, own);
    }

    /// <summary>The same of what was read. Pure.</summary>
    internal static IReadOnlyList<RestoreFinding> Judge(
        IReadOnlyList<KmsProvider> theirs,
        IReadOnlyList<(string Node, IReadOnlyList<KmsProvider> Own)> nodes
    ) =>
        [
            .. from kms in theirs
            from node in nodes
            select node.Own.Any(o => o.Name == kms.Name && o.Endpoint == kms.Endpoint) ? Same(kms, node.Node) : Missing(kms, node.Node),
        ];

    private static RestoreFinding Same(KmsProvider kms, string node) =>
        new(
            Check,
            node,
            $"{string.Join(", ", kms.Resources)} of the snapshot are encrypted by the KMS '{kms.Name}'; node '{node}' has a plug-in of "
                + "that name, and only decrypting tells whether the key behind it is the same.",
            "Make sure that both sites use the same key of the KMS.",
            Blocks: false
        );

    private static RestoreFinding Missing(KmsProvider kms, string node) =>
        new(
            Check,
            node,
            $"{string.Join(", ", kms.Resources)} of the snapshot are encrypted by the KMS '{kms.Name}' ({kms.Endpoint}), which the "
                + $"apiserver of node '{node}' does not use: it could not read them, and would not start with the snapshot's encryption "
                + "configuration.",
            $"Set up the KMS plug-in '{kms.Name}' at {kms.Endpoint} on node '{node}', with the same key, mount its socket into the "
                + "apiserver, and name it in its encryption configuration.",
            Blocks: true
        );
}
