using EtcdDr.Engine.Snapshots;

namespace EtcdDr.Engine.Transfer;

/// <summary>Says whether two places hold the same snapshot.</summary>
internal static class SnapshotIdentity
{
    /// <summary>
    /// Null if they do; else the difference in words. A copy that claims to be the same snapshot but has other bytes is an error, not a
    /// difference.
    /// </summary>
    /// <exception cref="EtcdDrException"><c>SnapshotAltered</c>: same manifest, other files.</exception>
    public static async Task<string?> DifferenceAsync(SnapshotReader source, SnapshotReader copy, CancellationToken cancellationToken)
    {
        var (here, there) = (Sizes(source), Sizes(copy));
        if (here.Keys.Except(there.Keys, StringComparer.Ordinal).FirstOrDefault() is { } missing)
        {
            return Errors.SnapshotExists_Missing_Part.With(missing);
        }

        if (there.Keys.Except(here.Keys, StringComparer.Ordinal).FirstOrDefault() is { } extra)
        {
            return Errors.SnapshotExists_Extra_Part.With(extra);
        }

        if (here.FirstOrDefault(f => there[f.Key] != f.Value).Key is { } other)
        {
            return Errors.SnapshotExists_Size_Part.With(other);
        }

        return source.StoredManifest is null
            ? await BySumsAsync(source, copy, [.. here.Keys.Order(StringComparer.Ordinal)], cancellationToken)
            : await ByManifestAsync(source, copy, cancellationToken);
    }

    private static Dictionary<string, long> Sizes(SnapshotReader reader) =>
        reader.Entries.Where(e => !e.IsLink).ToDictionary(e => e.Path, e => e.Size, StringComparer.Ordinal);

    private static async Task<string?> ByManifestAsync(SnapshotReader source, SnapshotReader copy, CancellationToken cancellationToken)
    {
        string[] manifest = [SnapshotManifest.FileName];
        if (await BySumsAsync(source, copy, manifest, cancellationToken) is { } difference)
        {
            return difference;
        }

        await copy.VerifySumsAsync(null, cancellationToken);
        return null;
    }

    private static async Task<string?> BySumsAsync(
        SnapshotReader source,
        SnapshotReader copy,
        string[] paths,
        CancellationToken cancellationToken
    )
    {
        var here = source.Store.Sha256Async(paths, cancellationToken);
        var there = copy.Store.Sha256Async(paths, cancellationToken);
        await Task.WhenAll(here, there);
        var index = (await here).Zip(await there).ToList().FindIndex(pair => pair.First != pair.Second);
        return index < 0 ? null : Errors.SnapshotExists_Content_Part.With(paths[index]);
    }
}
