using EtcdDr.Engine.Snapshots.Places;

namespace EtcdDr.Engine.Snapshots;

/// <summary>Says what a directory or file is, and reads what it says about itself.</summary>
internal static class SnapshotRecognizer
{
    // A snapshot holds a few files per node; more than this is a directory of something else.
    private const int MaximumEntries = 100_000;
    private const int MaximumDepth = 16;

    // bbolt's meta page: the magic follows the page header (16 bytes), little-endian (bbolt internal/common/types.go).
    private const uint BoltMagic = 0xED0CDAED;
    private const int MagicOffset = 16;

    /// <summary>Reads the snapshot that a directory is; null if it has no mark of one.</summary>
    /// <param name="store">The store.</param>
    /// <param name="directory">The directory's path in it.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="EtcdDrException"><c>SnapshotIncomplete</c>, <c>SnapshotAltered</c> or what is wrong with its manifest.</exception>
    public static async Task<SnapshotContents?> DirectoryAsync(ISnapshotStore store, string directory, CancellationToken cancellationToken)
    {
        var top = await store.ListDirectoryAsync(directory, cancellationToken);
        var names = top.Where(e => !e.IsDirectory && !e.IsLink).Select(e => e.Name).ToHashSet(StringComparer.Ordinal);
        if (names.Contains(SnapshotManifest.FileName))
        {
            return await OwnAsync(store, directory, cancellationToken);
        }

        if (names.Contains(MaaBackup.ControlPlanes))
        {
            return await MaaBackup.ReadAsync(store, directory, await EntriesAsync(store, directory, cancellationToken), cancellationToken);
        }

        var place = PlaceOf(store, directory);
        var name = NameOf(store, directory);
        if (SnapshotNames.IsPartial(name))
        {
            throw SnapshotErrors.Incomplete(place, Errors.SnapshotIncomplete_Unfinished_Part);
        }

        return SnapshotNames.TimeOf(name) is null && !names.Contains("etcd-snapshot.db")
            ? null
            : throw SnapshotErrors.Incomplete(place, Errors.SnapshotIncomplete_NoManifest_Part.With(SnapshotManifest.FileName));
    }

    /// <summary>Reads a bare database file; null if it is no etcd database.</summary>
    public static async Task<SnapshotContents?> FileAsync(
        ISnapshotStore store,
        SnapshotStoreEntry file,
        CancellationToken cancellationToken
    )
    {
        if (!await IsDatabaseAsync(store, file, cancellationToken))
        {
            return null;
        }

        var snapshot = new EtcdSnapshot
        {
            Name = file.Name,
            Path = store.FullPath(file.Path),
            Format = SnapshotFormat.Database,
            Created = file.Modified,
            DbSize = file.Size,
            Size = file.Size,
        };
        return new SnapshotContents
        {
            Snapshot = snapshot,
            Database = file.Name,
            Entries = [file with { Path = file.Name }],
        };
    }

    /// <summary>The place in words.</summary>
    public static string PlaceOf(ISnapshotStore store, string path) =>
        path.Length == 0 ? store.DisplayName : $"{store.DisplayName.TrimEnd('/')}/{path}";

    /// <summary>The directory's own name.</summary>
    public static string NameOf(ISnapshotStore store, string directory)
    {
        var full = store.FullPath(directory).Replace('\\', '/');
        return full[(full.LastIndexOf('/') + 1)..];
    }

    /// <summary>Reads a small file whole.</summary>
    public static async Task<byte[]> ReadSmallAsync(ISnapshotStore store, string path, long maximum, CancellationToken cancellationToken)
    {
        await using var stream = await store.OpenReadAsync(path, 0, cancellationToken);
        return await ReadSmallAsync(stream, path, store.DisplayName, maximum, cancellationToken);
    }

    /// <summary>Reads a small stream whole.</summary>
    public static async Task<byte[]> ReadSmallAsync(
        Stream stream,
        string path,
        string place,
        long maximum,
        CancellationToken cancellationToken
    )
    {
        using var content = new MemoryStream();
        await using var bounded = new BoundedStream(stream, maximum + 1);
        await bounded.CopyToAsync(content, cancellationToken);
        return content.Length <= maximum
            ? content.ToArray()
            : throw SnapshotErrors.Altered(place, Errors.SnapshotAltered_TooLarge_Part.With(path, maximum));
    }

    /// <summary>What a snapshot of this module's format holds, by its manifest.</summary>
    public static SnapshotContents Contents(SnapshotManifest manifest, EtcdSnapshot snapshot, IReadOnlyList<SnapshotStoreEntry> entries)
    {
        var listed = manifest.Files.Select(f => f.Path).ToHashSet(StringComparer.Ordinal);
        return new SnapshotContents
        {
            Snapshot = snapshot,
            Manifest = manifest,
            Database = manifest.Database,
            ServiceAccountKey = listed.Contains("keys/sa.key") ? "keys/sa.key" : null,
            ServiceAccountPublicKey = listed.Contains("keys/sa.pub") ? "keys/sa.pub" : null,
            EncryptionConfigs = manifest.EncryptionConfigs,
            Settings = new SnapshotSettings(
                manifest.PodCidr,
                manifest.ServiceCidr,
                manifest.ServiceAccountIssuers is [var issuer, ..] ? issuer : null
            ),
            Entries = entries,
        };
    }

    private static async Task<SnapshotContents> OwnAsync(ISnapshotStore store, string directory, CancellationToken cancellationToken)
    {
        var place = PlaceOf(store, directory);
        var json = await ReadSmallAsync(
            store,
            StorePath.Combine(directory, SnapshotManifest.FileName),
            SnapshotManifest.MaximumLength,
            cancellationToken
        );
        var manifest = SnapshotManifest.Parse(json, $"{place}/{SnapshotManifest.FileName}");
        var entries = await EntriesAsync(store, directory, cancellationToken);
        CheckSizes(manifest, entries, place);
        var name = NameOf(store, directory);
        if (manifest.Seal is not null)
        {
            CheckName(manifest, name, place);
        }

        return Contents(manifest, manifest.ToSnapshot(name, store.FullPath(directory), json.Length), entries);
    }

    // The seal proves the time; a directory's name must not tell people another. One without a time says nothing.
    private static void CheckName(SnapshotManifest manifest, string name, string place)
    {
        if (SnapshotNames.TimeOf(name) is { } told && SnapshotNames.For(manifest.CreatedUtc) != SnapshotNames.For(told))
        {
            throw SnapshotErrors.Altered(place, Errors.SnapshotAltered_Name_Part.With(SnapshotNames.For(manifest.CreatedUtc)));
        }
    }

    private static void CheckSizes(SnapshotManifest manifest, IReadOnlyList<SnapshotStoreEntry> entries, string place)
    {
        var sizes = entries.Where(e => !e.IsLink).ToDictionary(e => e.Path, e => e.Size, StringComparer.Ordinal);
        foreach (var file in manifest.Files)
        {
            if (!sizes.TryGetValue(file.Path, out var size))
            {
                throw SnapshotErrors.Incomplete(place, Errors.SnapshotIncomplete_Missing_Part.With(file.Path));
            }

            if (size != file.Size)
            {
                throw SnapshotErrors.Altered(place, Errors.SnapshotAltered_Length_Part.With(file.Path, size, file.Size));
            }
        }
    }

    /// <summary>All files and links of a snapshot, without what restores left in it; paths relative to the snapshot.</summary>
    private static async Task<IReadOnlyList<SnapshotStoreEntry>> EntriesAsync(
        ISnapshotStore store,
        string directory,
        CancellationToken cancellationToken
    )
    {
        var entries = new List<SnapshotStoreEntry>();
        var left = new Stack<(string Path, int Depth)>([(directory, 0)]);
        var seen = 0;
        while (left.TryPop(out var next))
        {
            foreach (var entry in await store.ListDirectoryAsync(next.Path, cancellationToken))
            {
                if (++seen > MaximumEntries || next.Depth > MaximumDepth)
                {
                    throw SnapshotErrors.NotASnapshot(
                        PlaceOf(store, directory),
                        Errors.NotASnapshot_TooManyFiles_Part.With(MaximumEntries)
                    );
                }

                if (next.Depth == 0 && SnapshotNames.IsOfRestore(entry.Name))
                {
                    continue;
                }

                StorePath.Check(entry.Path, store.DisplayName);
                if (entry.IsDirectory)
                {
                    left.Push((entry.Path, next.Depth + 1));
                }
                else
                {
                    entries.Add(Relative(entry, directory));
                }
            }
        }

        return entries.OrderBy(e => e.Path, StringComparer.Ordinal).ToList();
    }

    private static SnapshotStoreEntry Relative(SnapshotStoreEntry entry, string directory) =>
        directory.Length == 0 ? entry : entry with { Path = entry.Path[(directory.Length + 1)..] };

    private static async Task<bool> IsDatabaseAsync(ISnapshotStore store, SnapshotStoreEntry file, CancellationToken cancellationToken)
    {
        if (file.IsLink || file.IsDirectory || file.Size < MagicOffset + sizeof(uint))
        {
            return false;
        }

        var head = new byte[MagicOffset + sizeof(uint)];
        await using var stream = await store.OpenReadAsync(file.Path, 0, cancellationToken);
        var count = await stream.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken);
        return count == head.Length && System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(MagicOffset)) == BoltMagic;
    }
}
