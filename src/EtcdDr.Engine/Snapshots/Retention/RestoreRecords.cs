using System.Text.Json;
using EtcdDr.Engine.Snapshots.Places;

namespace EtcdDr.Engine.Snapshots.Retention;

/// <summary>Looks at what restores left in a snapshot's directory.</summary>
internal static class RestoreRecords
{
    private const string Journal = "journal.json";
    private const int MaximumJournal = 64 * 1024 * 1024;

    private static readonly HashSet<string> Finished = new(StringComparer.OrdinalIgnoreCase)
    {
        "completed",
        "incomplete",
        "undone",
        "rolledback",
    };

    /// <summary>The name of a restore whose journal is not finished, or cannot be read; null if there is none.</summary>
    /// <param name="store">The store.</param>
    /// <param name="directory">The snapshot's directory in it.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static async Task<string?> UnfinishedAsync(ISnapshotStore store, string directory, CancellationToken cancellationToken)
    {
        foreach (var entry in await store.ListDirectoryAsync(directory, cancellationToken))
        {
            if (!entry.IsDirectory || !SnapshotNames.IsOfRestore(entry.Name))
            {
                continue;
            }

            var journal = StorePath.Combine(entry.Path, Journal);
            if (
                await store.LengthAsync(journal, cancellationToken) is >= 0 and var length
                && (
                    length > MaximumJournal
                    || !IsFinished(await SnapshotRecognizer.ReadSmallAsync(store, journal, MaximumJournal, cancellationToken))
                )
            )
            {
                return entry.Name;
            }
        }

        return null;
    }

    /// <summary>Whether a journal says that its restore came to an end. One that cannot be read says nothing: then the restore may go
    /// on.</summary>
    internal static bool IsFinished(byte[] journal)
    {
        try
        {
            using var document = JsonDocument.Parse(journal);
            return document.RootElement.ValueKind == JsonValueKind.Object
                && document
                    .RootElement.EnumerateObject()
                    .Any(p =>
                        p.Name.Equals("state", StringComparison.OrdinalIgnoreCase)
                        && p.Value.ValueKind == JsonValueKind.String
                        && Finished.Contains(p.Value.GetString()!)
                    );
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The second: a name or value that is not UTF-16.
            return false;
        }
    }
}
