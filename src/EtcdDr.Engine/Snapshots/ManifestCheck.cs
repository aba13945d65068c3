using EtcdDr.Engine.Snapshots.Sealing;

namespace EtcdDr.Engine.Snapshots;

/// <summary>
/// Says what is wrong with a manifest that is well-formed JSON. Whoever may write to a place wrote it, so everything in it is input: what
/// passes here can be added up, shown and looked up by all that follows.
/// </summary>
internal static class ManifestCheck
{
    // A hundred years: anything that a TimeSpan holds would do.
    private const double LongestSeconds = 100 * 365.25 * 86400;

    /// <summary>The first thing that is wrong, as the rest of a sentence; null if nothing is.</summary>
    /// <exception cref="EtcdDrException"><c>PathOutsideStore</c>.</exception>
    internal static string? Fault(SnapshotManifest manifest, string place) =>
        HasNull(manifest) ? Errors.SnapshotManifestInvalid_Null_Part
        : Number(manifest) is { } name ? Errors.SnapshotManifestInvalid_Number_Part.With(name)
        : manifest.Nodes.FirstOrDefault(n => !IsNodeName(n.Name)) is { } node
            ? Errors.SnapshotManifestInvalid_Node_Part.With(StorePath.Printable(node.Name))
        : Files(manifest, place) ?? Content(manifest);

    // A JSON null gets past initializers and annotations.
    private static bool HasNull(SnapshotManifest manifest) =>
        manifest.Database is null
        || manifest.Files is null
        || manifest.Files.Any(f => f?.Path is null || f.Sha256 is null)
        || manifest.Nodes is null
        || manifest.Nodes.Any(n => n?.Name is null)
        || manifest.ServiceAccountIssuers is null
        || manifest.ServiceAccountIssuers.Any(i => i is null)
        || manifest.EncryptionConfigs is null
        || manifest.EncryptionConfigs.Any(c => c?.Path is null || c.NodePath is null)
        || manifest.Warnings is null
        || manifest.Warnings.Any(w => w is null)
        || manifest.SealedAs?.Values.Any(s => s is null) is true;

    // The name of a number that cannot be.
    private static string? Number(SnapshotManifest manifest) =>
        manifest switch
        {
            { TakenInSeconds: { } seconds } when !(seconds >= 0 && seconds <= LongestSeconds) => "takenInSeconds",
            { Revision: < 0 } => "revision",
            { CompactRevision: < -1 } => "compactRevision",
            { HashKv: < 0 or > uint.MaxValue } => "hashKv",
            { KeyCount: < 0 } => "keyCount",
            _ => null,
        };

    // A DNS subdomain in Kubernetes (RFC 1123); what may stand in a path and on a screen is all that matters here.
    private static bool IsNodeName(string name) =>
        name.Length > 0 && !name.Contains('/', StringComparison.Ordinal) && StorePath.IsSafe(name, windows: false);

    private static string? Files(SnapshotManifest manifest, string place)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var left = long.MaxValue;
        foreach (var file in manifest.Files)
        {
            StorePath.Check(file.Path, place);
            var usable =
                file.Path.Length > 0
                && file.Size >= 0
                && file.Size <= left
                && file.Sha256.Length == 64
                && file.Sha256.All(char.IsAsciiHexDigitLower);
            if (!usable || !seen.Add(file.Path))
            {
                return Errors.SnapshotManifestInvalid_Entry_Part.With(file.Path);
            }

            left -= file.Size;
        }

        return null;
    }

    private static string? Content(SnapshotManifest manifest)
    {
        var listed = manifest.Files.Select(f => f.Path).ToHashSet(StringComparer.Ordinal);
        if (manifest.Seal is not null)
        {
            return Seal(manifest, manifest.Seal, listed);
        }

        if (manifest.SealedAs is not null && !listed.All(manifest.SealedAs.ContainsKey))
        {
            return Errors.SnapshotManifestInvalid_SealedNames_Part;
        }

        return !listed.Contains(manifest.Database)
                ? Errors.SnapshotManifestInvalid_Database_Part.With(StorePath.Printable(manifest.Database))
            : manifest.EncryptionConfigs.FirstOrDefault(c => !listed.Contains(c.Path)) is { } config
                ? Errors.SnapshotManifestInvalid_Unlisted_Part.With(StorePath.Printable(config.Path))
            : null;
    }

    private static string? Seal(SnapshotManifest manifest, SnapshotSeal seal, HashSet<string> listed)
    {
        if (
            seal.Key is not { Length: > 0 }
            || seal.Manifest is null
            || seal.Recipients is null
            || seal.Recipients.Any(r => r is null)
            || seal.Algorithm != SnapshotSeal.AlgorithmName
        )
        {
            return Errors.SnapshotManifestInvalid_Seal_Part;
        }

        return manifest.SealedAs is not null || !listed.Contains(seal.Manifest) ? Errors.SnapshotManifestInvalid_SealedManifest_Part : null;
    }
}
