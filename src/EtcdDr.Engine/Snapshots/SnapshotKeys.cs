using System.Security.Cryptography;
using System.Text;
using EtcdDr.Engine.Clusters;
using EtcdDr.Engine.ControlPlane.Manifests;
using EtcdDr.Engine.Etcd;
using EtcdDr.Engine.Snapshots.Keys;
using EtcdDr.Engine.Snapshots.Verification;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.Snapshots;

/// <summary>Brings the keys that a restored cluster needs: the service-account pair, and the configuration of encryption at rest.</summary>
internal static class SnapshotKeys
{
    private const string PrivateKey = "keys/sa.key";
    private const string PublicKey = "keys/sa.pub";

    /// <summary>Begin of the paths of further keys that verify tokens.</summary>
    internal const string RetiredPrefix = "keys/verify-";

    // What kubeadm sets up, for a node whose apiserver manifest is held aside.
    private const string KubeadmPrivateKey = "/etc/kubernetes/pki/sa.key";
    private const string KubeadmPublicKey = "/etc/kubernetes/pki/sa.pub";

    /// <summary>Writes the keys of a node; they never touch another place than the snapshot.</summary>
    /// <returns>Files of encryption at rest, and where they belong on nodes.</returns>
    public static async Task<IReadOnlyList<SnapshotKeyFile>> WriteAsync(
        IRemoteHost host,
        ApiServerConfiguration? apiServer,
        SnapshotWriter writer,
        CancellationToken cancellationToken
    )
    {
        var encryption = Encryption(apiServer);
        var signing = apiServer?.ServiceAccountSigningKeyFile ?? KubeadmPrivateKey;
        IReadOnlyList<string> verifying = apiServer is { ServiceAccountKeyFiles.Count: > 0 }
            ? apiServer.ServiceAccountKeyFiles
            : [KubeadmPublicKey];
        var own = await OwnAsync(host, signing, verifying, cancellationToken);
        var files = encryption
            .Append(new SnapshotKeyFile(signing, PrivateKey))
            .Append(new SnapshotKeyFile(own, PublicKey))
            .Concat(
                verifying.Where(v => v != own && v != signing).Select(v => new SnapshotKeyFile(v, RetiredPath(v))).DistinctBy(f => f.Path)
            );
        await Task.WhenAll(files.Select(f => WriteAsync(host, f, writer, cancellationToken)));
        return encryption;
    }

    /// <summary>Where the snapshot keeps a key that verifies tokens and signs none any more.</summary>
    /// <param name="nodePath">Its path on a node.</param>
    internal static string RetiredPath(string nodePath) =>
        $"{RetiredPrefix}{StorePath.SafeName(nodePath[(nodePath.LastIndexOf('/') + 1)..])}";

    // With several, the one that belongs to the signing key: the order of the flags says nothing, nor do names.
    private static async Task<string> OwnAsync(
        IRemoteHost host,
        string signing,
        IReadOnlyList<string> verifying,
        CancellationToken cancellationToken
    )
    {
        if (verifying.Count == 1)
        {
            return verifying[0];
        }

        var key = await TextAsync(host, signing, cancellationToken);
        try
        {
            foreach (var path in verifying)
            {
                var published = await TextAsync(host, path, cancellationToken);
                if (KeyVerification.PairFault(key, published) is null)
                {
                    return path;
                }
            }
        }
        finally
        {
            Array.Clear(key);
        }

        return verifying[0];
    }

    private static async Task<char[]> TextAsync(IRemoteHost host, string path, CancellationToken cancellationToken)
    {
        using var content = new MemoryStream();
        await host.ReadAsync(NodeFileCommands.ReadFile.With(path), content, cancellationToken);
        var bytes = content.GetBuffer().AsSpan(0, (int)content.Length);
        try
        {
            var text = new char[Encoding.UTF8.GetCharCount(bytes)];
            Encoding.UTF8.GetChars(bytes, text);
            return text;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content.GetBuffer());
        }
    }

    /// <summary>What a cluster has that no snapshot of its etcd holds: keys in a KMS, and objects in another etcd.</summary>
    /// <returns>A warning for each.</returns>
    public static async Task<IReadOnlyList<string>> OutsideAsync(
        IRemoteHost host,
        ApiServerConfiguration? apiServer,
        CancellationToken cancellationToken
    )
    {
        var warnings = new List<string>();
        foreach (var kms in await KmsAsync(host, apiServer, cancellationToken))
        {
            warnings.Add(
                $"{string.Join(", ", kms.Resources)} are encrypted by the KMS '{kms.Name}' ({kms.Endpoint}) of the apiserver of node "
                    + $"{host.Name}: the snapshot holds them as they are stored, and not the key. Whoever restores it needs apiservers "
                    + "that reach the same key by a KMS plug-in of that name."
            );
        }

        if (apiServer is { EtcdServersOverrides: { Count: > 0 } overrides })
        {
            warnings.Add(
                $"The apiserver of node {host.Name} keeps {string.Join(", ", overrides)} in another etcd (--etcd-servers-overrides): that "
                    + "is not in the snapshot. Back it up by itself if it matters."
            );
        }

        return warnings;
    }

    /// <summary>Looks whether each control-plane node that could be read encrypts by the configuration that lies there.</summary>
    /// <returns>A warning for each that does not.</returns>
    public static async Task<IReadOnlyList<string>> InUseAsync(
        ClusterSession session,
        IReadOnlyList<EtcdNode> nodes,
        CancellationToken cancellationToken
    )
    {
        var warnings = await Task.WhenAll(
            nodes.Select(async n =>
                await InUseAsync(await session.HostAsync(n.Node, cancellationToken), n.Manifests?.ApiServer, cancellationToken)
            )
        );
        return [.. warnings.OfType<string>()];
    }

    /// <summary>The same of one node; null where there is nothing to say.</summary>
    internal static async Task<string?> InUseAsync(IRemoteHost host, ApiServerConfiguration? apiServer, CancellationToken cancellationToken)
    {
        if (apiServer is not { EncryptionProviderConfig: { } path } || apiServer.Flags.Last("encryption-provider-config") is not { } inside)
        {
            return null;
        }

        var told = await host.RunAsync(SnapshotCommands.EncryptionInUse.With(path, inside), cancellationToken);
        return EncryptionInUse.Parse(told.Text)?.Warning(host.Name, apiServer);
    }

    /// <summary>Key management services of a node's encryption configuration; it is read into memory only.</summary>
    internal static async Task<IReadOnlyList<KmsProvider>> KmsAsync(
        IRemoteHost host,
        ApiServerConfiguration? apiServer,
        CancellationToken cancellationToken
    )
    {
        if (apiServer?.EncryptionProviderConfig is not { } path)
        {
            return [];
        }

        var text = await TextAsync(host, path, cancellationToken);
        try
        {
            return KmsProvider.Of(new string(text));
        }
        finally
        {
            Array.Clear(text);
        }
    }

    /// <summary>
    /// Compares the keys of every control-plane node that could be read with those that the snapshot gets: a cluster whose nodes hold
    /// different ones refuses on one node what another signed or encrypted, and a restore from this snapshot would keep it so.
    /// </summary>
    /// <returns>A warning for each key that differs or is missing.</returns>
    public static async Task<IReadOnlyList<string>> CompareAsync(
        ClusterSession session,
        IReadOnlyList<EtcdNode> nodes,
        EtcdNode source,
        CancellationToken cancellationToken
    )
    {
        var own = await SumsAsync(session, source, cancellationToken);
        var others = nodes.Where(n => n.Manifests is not null && n != source).ToList();
        var sums = await Task.WhenAll(others.Select(n => SumsAsync(session, n, cancellationToken)));
        return others.Zip(sums).SelectMany(pair => Differences(source.Node.Name, own, pair.First.Node.Name, pair.Second)).ToList();
    }

    private static IEnumerable<string> Differences(
        string source,
        IReadOnlyDictionary<string, string> own,
        string node,
        IReadOnlyDictionary<string, string> sums
    ) =>
        sums.Where(s => own.GetValueOrDefault(s.Key) is { } expected && expected != s.Value)
            .Select(s =>
                $"The {s.Key} of node {node} {(s.Value == "missing" ? "is missing" : $"is not that of node {source}")}; the "
                + $"snapshot holds that of {source}. "
                + "Make it the same on all control-plane nodes and restart their apiservers, then take another snapshot."
            );

    private static async Task<IReadOnlyDictionary<string, string>> SumsAsync(
        ClusterSession session,
        EtcdNode node,
        CancellationToken cancellationToken
    )
    {
        var apiServer = node.Manifests?.ApiServer;
        var names = new List<string> { "service-account signing key" };
        var paths = new List<string> { apiServer?.ServiceAccountSigningKeyFile ?? KubeadmPrivateKey };
        if (apiServer?.EncryptionProviderConfig is { } encryption)
        {
            names.Add("encryption configuration");
            paths.Add(encryption);
        }

        var host = await session.HostAsync(node.Node, cancellationToken);
        var lines = (await host.RunAsync(SnapshotCommands.KeySums.With([.. paths]), cancellationToken)).Text.Split(
            '\n',
            StringSplitOptions.RemoveEmptyEntries
        );
        return names.Zip(lines).ToDictionary(pair => pair.First, pair => pair.Second, StringComparer.Ordinal);
    }

    private static List<SnapshotKeyFile> Encryption(ApiServerConfiguration? apiServer)
    {
        if (apiServer?.EncryptionProviderConfig is not { } path)
        {
            return [];
        }

        // A prefix, because nothing keeps that file from being called sa.key.
        return [new SnapshotKeyFile(path, $"keys/encryption-{StorePath.SafeName(path[(path.LastIndexOf('/') + 1)..])}")];
    }

    private static Task WriteAsync(IRemoteHost host, SnapshotKeyFile file, SnapshotWriter writer, CancellationToken cancellationToken) =>
        writer.WriteAsync(
            file.Path,
            async stream =>
            {
                await host.ReadAsync(NodeFileCommands.ReadFile.With(file.NodePath), stream, cancellationToken);
                return stream.Length > 0
                    ? true
                    : throw new EtcdDrException(
                        "KeyFileEmpty",
                        EtcdDrErrorCategory.InvalidData,
                        Errors.KeyFileEmpty.With(file.NodePath, host.Name),
                        Errors.KeyFileEmpty_Action,
                        host.Name
                    );
            },
            cancellationToken
        );
}
