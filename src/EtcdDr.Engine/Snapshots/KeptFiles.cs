using EtcdDr.Engine.Snapshots.Places;
using EtcdDr.Engine.Snapshots.Sealing;

namespace EtcdDr.Engine.Snapshots;

/// <summary>
/// What restores keep beside a snapshot that holds secrets: the nodes' configuration as it was. Beside a sealed snapshot it is sealed too,
/// with the snapshot's own key, so that the same certificates open it; its name then ends with <c>.ID.sealed</c>.
/// </summary>
internal static class KeptFiles
{
    private const string Suffix = ".sealed";
    private const int IdDigits = SealedLayout.IdLength * 2;

    /// <summary>Directory of a restore that holds such files.</summary>
    internal const string Configuration = "current_etc_kubernetes";

    /// <summary>Seals a content; gives the name that the sealed file has.</summary>
    internal static (string Name, byte[] Content) Seal(string path, ReadOnlySpan<byte> content, SnapshotKey key)
    {
        var header = SealedLayout.NewHeader(SealedKind.KeptAt);
        using var target = new MemoryStream();
        using var sealing = new SealingStream(target, key, header, path);
        sealing.Write(content);
        sealing.Finish();
        return ($"{path}.{SealedLayout.IdOf(header)}{Suffix}", target.ToArray());
    }

    /// <summary>The path that a kept file has when it is open, and its id; null for one that is not sealed.</summary>
    internal static (string Path, string Id)? Opened(string stored)
    {
        if (!stored.EndsWith(Suffix, StringComparison.Ordinal))
        {
            return null;
        }

        var rest = stored[..^Suffix.Length];
        var dot = rest.Length - IdDigits - 1;
        return dot > 0 && rest[dot] == '.' && rest[(dot + 1)..].All(char.IsAsciiHexDigitLower) ? (rest[..dot], rest[(dot + 1)..]) : null;
    }

    /// <summary>The files that restores keep in a snapshot's directory.</summary>
    internal static async Task<IReadOnlyList<SnapshotStoreEntry>> ListAsync(ISnapshotStore store, CancellationToken cancellationToken)
    {
        var found = new List<SnapshotStoreEntry>();
        foreach (var attempt in await store.ListDirectoryAsync(string.Empty, cancellationToken))
        {
            var directory = StorePath.Combine(attempt.Path, Configuration);
            if (
                !attempt.IsDirectory
                || !SnapshotNames.IsOfRestore(attempt.Name)
                || await store.LengthAsync(directory, cancellationToken) is not -1
            )
            {
                continue;
            }

            await foreach (var entry in store.ListAsync(directory, cancellationToken))
            {
                if (entry is { IsDirectory: false, IsLink: false })
                {
                    found.Add(entry);
                }
            }
        }

        return found;
    }
}
