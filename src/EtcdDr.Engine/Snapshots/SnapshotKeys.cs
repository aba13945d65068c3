using EtcdDr.Engine.ControlPlane.Manifests;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.Snapshots;

/// <summary>Brings the keys that a restored cluster needs: the service-account pair, and the configuration of encryption at rest.</summary>
internal static class SnapshotKeys
{
    private const string PrivateKey = "keys/sa.key";
    private const string PublicKey = "keys/sa.pub";

    // What kubeadm sets up, for a node whose apiserver manifest is held aside.
    private const string KubeadmPrivateKey = "/etc/kubernetes/pki/sa.key";
    private const string KubeadmPublicKey = "/etc/kubernetes/pki/sa.pub";

    /// <summary>Writes the keys of a node; they never touch another place than the snapshot.</summary>
    /// <returns>Files of encryption at rest, and where they belong on nodes.</returns>
    public static async Task<IReadOnlyList<SnapshotKeyFile>> WriteAsync(
        IRemoteHost host,
        ApiServerConfiguration? apiServer,
        SnapshotWriter writer,
        CancellationToken cancellationToken)
    {
        var encryption = Encryption(apiServer);
        var files = encryption
            .Append(new SnapshotKeyFile(apiServer?.ServiceAccountSigningKeyFile ?? KubeadmPrivateKey, PrivateKey))
            .Append(new SnapshotKeyFile(apiServer is { ServiceAccountKeyFiles: [var first, ..] } ? first : KubeadmPublicKey, PublicKey));
        await Task.WhenAll(files.Select(f => WriteAsync(host, f, writer, cancellationToken)));
        return encryption;
    }

    private static List<SnapshotKeyFile> Encryption(ApiServerConfiguration? apiServer)
    {
        if (apiServer?.EncryptionProviderConfig is not { } path)
        {
            return [];
        }

        // A prefix, because nothing keeps that file from being called sa.key.
        return [new SnapshotKeyFile(path, $"keys/encryption-{path[(path.LastIndexOf('/') + 1)..]}")];
    }

    private static Task WriteAsync(IRemoteHost host, SnapshotKeyFile file, SnapshotWriter writer, CancellationToken cancellationToken) =>
        writer.WriteAsync(file.Path, async stream =>
        {
            await host.ReadAsync(NodeFileCommands.ReadFile.With(file.NodePath), stream, cancellationToken);
            return stream.Length > 0
                ? true
                : throw new EtcdDrException(
                    "KeyFileEmpty",
                    EtcdDrErrorCategory.InvalidData,
                    $"{file.NodePath} on node {host.Name} is empty.",
                    "Put the key file back in place; the cluster cannot be restored elsewhere without it.",
                    host.Name);
        });
}
