using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using EtcdDr.Engine.ControlPlane.Manifests;
using EtcdDr.Engine.Snapshots.Places;

namespace EtcdDr.Engine.Snapshots;

/// <summary>
/// What the archive <c>&lt;host&gt;-etc-kubernetes.gz</c> of an MAA backup tells: how the apiserver was set up, and the configuration of
/// encryption at rest, without which encrypted objects cannot be read after a restore. The scripts keep both nowhere else.
/// </summary>
internal static class MaaConfiguration
{
    private const string Root = "/etc/kubernetes/";
    private const string ApiServer = "manifests/kube-apiserver.yaml";
    private const string ControllerManager = "manifests/kube-controller-manager.yaml";
    private const int MaximumEntry = 1024 * 1024;
    private const long MaximumArchive = 1024L * 1024 * 1024;

    /// <summary>The path of the archive of a control-plane node.</summary>
    public static string ArchiveOf(string node) => $"{node}/{node}-etc-kubernetes.gz";

    /// <summary>Adds it to what was found of a backup.</summary>
    /// <param name="store">Where the backup is.</param>
    /// <param name="contents">The backup.</param>
    /// <param name="warn">Is told, as a sentence, why something is not known.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    public static async Task<SnapshotContents> AddAsync(
        ISnapshotStore store,
        SnapshotContents contents,
        Action<string> warn,
        CancellationToken cancellationToken
    )
    {
        // The node whose database is used.
        var node = contents.Database[..contents.Database.IndexOf('/', StringComparison.Ordinal)];
        var archive = ArchiveOf(node);
        try
        {
            return contents.Entries.Any(e => e.Path == archive && !e.IsLink)
                ? await AddAsync(store, contents, node, archive, cancellationToken)
                : throw new InvalidDataException("it is not there");
        }
        catch (Exception e)
            when (e
                    is InvalidDataException
                        or EndOfStreamException
                        or FormatException
                        or ArgumentException
                        or IOException
                        or EtcdDrException { ErrorId: "ManifestInvalid" or "ManifestUnsupported" }
            )
        {
            warn(
                $"The archive '{archive}' of {contents.Snapshot} cannot be used: {e.Message.TrimEnd('.')}. Service range, issuer and "
                    + "encryption at rest of its cluster are not known."
            );
            return contents;
        }
    }

    private static async Task<SnapshotContents> AddAsync(
        ISnapshotStore store,
        SnapshotContents contents,
        string node,
        string archive,
        CancellationToken cancellationToken
    )
    {
        var manifests = await ReadAsync(store, archive, [ApiServer, ControllerManager], cancellationToken);
        if (!manifests.TryGetValue(ApiServer, out var text))
        {
            throw new InvalidDataException($"it holds no {ApiServer}");
        }

        var apiServer = ApiServerConfiguration.From(StaticPodManifest.Parse(node, Root + ApiServer, Encoding.UTF8.GetString(text)));
        var controllerManager = manifests.TryGetValue(ControllerManager, out var other)
            ? StaticPodManifest.Parse(node, Root + ControllerManager, Encoding.UTF8.GetString(other))
            : null;
        var known = contents with
        {
            Snapshot = contents.Snapshot with { EncryptionAtRest = apiServer.EncryptionProviderConfig is not null },
            Settings = new SnapshotSettings(
                controllerManager?.Flags.Last("cluster-cidr"),
                apiServer.ServiceClusterIpRange,
                apiServer.ServiceAccountIssuers is [var issuer, ..] ? issuer : null
            ),
        };
        return apiServer.EncryptionProviderConfig is { } path
            ? await WithEncryptionAsync(store, known, archive, path, cancellationToken)
            : known;
    }

    private static async Task<SnapshotContents> WithEncryptionAsync(
        ISnapshotStore store,
        SnapshotContents contents,
        string archive,
        string path,
        CancellationToken cancellationToken
    )
    {
        var relative = path.StartsWith(Root, StringComparison.Ordinal) ? path[Root.Length..] : null;
        if (
            relative is null
            || !(await ReadAsync(store, archive, [relative], cancellationToken)).TryGetValue(relative, out var configuration)
        )
        {
            throw new InvalidDataException($"it does not hold {path}, the configuration of encryption at rest");
        }

        var place = $"{archive}:{path}";
        return contents with
        {
            EncryptionConfigs = [new SnapshotKeyFile(path, place)],
            Unpacked = new Dictionary<string, byte[]>(StringComparer.Ordinal) { [place] = configuration },
        };
    }

    // Files below /etc/kubernetes by their path there. tar leaves the leading slash out; the directory may have been packed as
    // ./etc/kubernetes or kubernetes too.
    private static async Task<Dictionary<string, byte[]>> ReadAsync(
        ISnapshotStore store,
        string archive,
        string[] wanted,
        CancellationToken cancellationToken
    )
    {
        var found = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        await using var file = await store.OpenReadAsync(archive, 0, cancellationToken);
        await using var plain = new GZipStream(file, CompressionMode.Decompress);
        await using var bounded = new BoundedStream(plain, MaximumArchive);
        await using var tar = new TarReader(bounded);
        while (found.Count < wanted.Length && await tar.GetNextEntryAsync(copyData: false, cancellationToken) is { } entry)
        {
            var path = $"/{entry.Name}";
            var name = Array.Find(wanted, w => path.EndsWith($"/kubernetes/{w}", StringComparison.Ordinal));
            if (name is not null && entry is { DataStream: { } data, Length: <= MaximumEntry })
            {
                var content = new byte[entry.Length];
                await data.ReadExactlyAsync(content, cancellationToken);
                found[name] = content;
            }
        }

        return found;
    }
}
