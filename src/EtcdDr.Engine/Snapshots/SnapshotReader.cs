using System.Security.Cryptography;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.Snapshots;

/// <summary>
/// Reads a snapshot, wherever it is and whoever wrote it: a restore asks for "the database", "sa.key" and the encryption configuration, and gets
/// the same from this module's format, from backups of the MAA scripts, and (the database only) from a bare file.
/// </summary>
public sealed class SnapshotReader : IAsyncDisposable
{
    // etcd's `snapshot save` appends the SHA-256 of what it wrote; a database is a whole number of 512-byte units otherwise (etcdutl snapshot).
    private const int TrailerLength = 32;
    private const int TrailerUnit = 512;

    private readonly SnapshotContents _contents;

    private SnapshotReader(ISnapshotStore store, SnapshotContents contents, EtcdSnapshot snapshot)
    {
        Store = store;
        _contents = contents;
        Snapshot = snapshot;
    }

    /// <summary>The snapshot.</summary>
    public EtcdSnapshot Snapshot { get; }

    /// <summary>The store that is the snapshot's directory (for a bare database, the directory that it is in).</summary>
    public ISnapshotStore Store { get; }

    /// <summary>The manifest; null for MAA backups and bare databases.</summary>
    public SnapshotManifest? Manifest => _contents.Manifest;

    /// <summary>Nodes of the cluster at that time; empty for a bare database.</summary>
    public IReadOnlyList<SnapshotNode> Nodes => Snapshot.Nodes;

    /// <summary>Path of the database in <see cref="Store"/>.</summary>
    public string DatabasePath => _contents.Database;

    /// <summary>Size of the database file, bytes; etcd's trailing hash included where it is there.</summary>
    public long DatabaseLength => Snapshot.DbSize;

    /// <summary>SHA-256 of the database file that the manifest records; null where there is none.</summary>
    public string? DatabaseSha256 => Snapshot.Files.FirstOrDefault(f => f.Path == DatabasePath)?.Sha256;

    /// <summary>Path of the service-account signing key; null if the snapshot holds none.</summary>
    public string? ServiceAccountKeyPath => _contents.ServiceAccountKey;

    /// <summary>Path of the service-account public key; null if the snapshot holds none.</summary>
    public string? ServiceAccountPublicKeyPath => _contents.ServiceAccountPublicKey;

    /// <summary>Files of encryption at rest: where they belong on a node, and where they are in the snapshot.</summary>
    public IReadOnlyList<SnapshotKeyFile> EncryptionConfigs => _contents.EncryptionConfigs;

    /// <summary>Paths and sizes of all files of the snapshot, its manifest included; not what restores left in its directory.</summary>
    public IReadOnlyList<SnapshotStoreEntry> Entries => _contents.Entries;

    /// <summary>Opens a snapshot where it is.</summary>
    /// <exception cref="EtcdDrException"><c>NotASnapshot</c>, <c>SnapshotIncomplete</c>, <c>SnapshotAltered</c>, or that of the connection.</exception>
    public static async Task<SnapshotReader> OpenAsync(
        EtcdSnapshot snapshot,
        IRemoteHostFactory hosts,
        OperationContext context,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        var store = await SnapshotStores.OpenAsync(snapshot, hosts, context, cancellationToken);
        try
        {
            return await OpenAsync(snapshot, store, cancellationToken);
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }
    }

    /// <summary>Opens the database; close the stream.</summary>
    public Task<Stream> OpenDatabaseAsync(CancellationToken cancellationToken) => OpenFileAsync(DatabasePath, cancellationToken);

    /// <summary>Opens one of the snapshot's files; close the stream.</summary>
    public Task<Stream> OpenFileAsync(string path, CancellationToken cancellationToken) => Store.OpenReadAsync(path, 0, cancellationToken);

    /// <summary>Reads one of the snapshot's small files whole, at most 16 MiB. Keys are among them: never log it.</summary>
    public Task<byte[]> ReadFileAsync(string path, CancellationToken cancellationToken) =>
        SnapshotRecognizer.ReadSmallAsync(Store, path, 16 * 1024 * 1024, cancellationToken);

    /// <summary>
    /// Checks that the snapshot is what was taken. With a manifest: exactly its files are there, and size and SHA-256 of each agree; sums are
    /// computed where the snapshot is. Without one: the hash that etcd appended to the database agrees.
    /// </summary>
    /// <param name="progress">Told how many bytes more are checked.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="EtcdDrException"><c>SnapshotAltered</c>, naming every file that is missing, extra or different.</exception>
    public async Task VerifySumsAsync(IProgress<long>? progress, CancellationToken cancellationToken)
    {
        RefuseLinks();
        if (Manifest is null)
        {
            await VerifyTrailerAsync(progress, cancellationToken);
            return;
        }

        var listed = Manifest.Files.Select(f => f.Path).Append(SnapshotManifest.FileName).ToHashSet(StringComparer.Ordinal);
        var extra = Entries.Select(e => e.Path).Where(p => !listed.Contains(p)).ToList();
        if (extra.Count > 0)
        {
            throw SnapshotErrors.Altered(Snapshot.ToString(), $"its manifest does not list {Names(extra)}");
        }

        var different = new System.Collections.Concurrent.ConcurrentBag<string>();
        await Parallel.ForEachAsync(
            Manifest.Files.OrderByDescending(f => f.Size),
            new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = cancellationToken },
            async (file, ct) =>
            {
                if (await Store.Sha256Async(file.Path, ct) != file.Sha256)
                {
                    different.Add(file.Path);
                }

                progress?.Report(file.Size);
            });
        if (!different.IsEmpty)
        {
            throw SnapshotErrors.Altered(Snapshot.ToString(), $"the SHA-256 of {Names(different.Order(StringComparer.Ordinal))} is not the manifest's");
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Store.DisposeAsync();

    private static string Names(IEnumerable<string> paths)
    {
        var names = paths.ToList();
        var shown = string.Join(", ", names.Take(5).Select(n => $"'{n}'"));
        return names.Count > 5 ? $"{shown} and {names.Count - 5} more" : shown;
    }

    private static async Task<SnapshotReader> OpenAsync(EtcdSnapshot snapshot, ISnapshotStore store, CancellationToken cancellationToken)
    {
        if (snapshot.Format == SnapshotFormat.Database)
        {
            var name = SnapshotLocation.Of(snapshot).Name;
            var file = await store.StatAsync(name, cancellationToken) ?? throw StoreErrors.Missing(snapshot.ToString());
            var bare = await SnapshotRecognizer.FileAsync(store, file, cancellationToken)
                ?? throw SnapshotErrors.NotASnapshot(snapshot.ToString(), "it is no database of etcd");
            return new SnapshotReader(store, bare, Merge(snapshot, bare.Snapshot));
        }

        if (await store.LengthAsync(string.Empty, cancellationToken) is not -1)
        {
            throw StoreErrors.Missing(snapshot.ToString());
        }

        var contents = await SnapshotRecognizer.DirectoryAsync(store, string.Empty, cancellationToken)
            ?? throw SnapshotErrors.NotASnapshot(snapshot.ToString(), $"it has no {SnapshotManifest.FileName}");
        return new SnapshotReader(store, contents, Merge(snapshot, contents.Snapshot));
    }

    /// <summary>What is there now, reached as before.</summary>
    private static EtcdSnapshot Merge(EtcdSnapshot asked, EtcdSnapshot found) => found with { ComputerName = asked.ComputerName, Ssh = asked.Ssh };

    private void RefuseLinks()
    {
        var links = Entries.Where(e => e.IsLink).Select(e => e.Path).ToList();
        if (links.Count > 0)
        {
            throw SnapshotErrors.Altered(Snapshot.ToString(), $"it holds symbolic links: {Names(links)}");
        }
    }

    private async Task VerifyTrailerAsync(IProgress<long>? progress, CancellationToken cancellationToken)
    {
        // A database copied out of a data directory has no trailer; then nothing is recorded that could be compared.
        if (DatabaseLength % TrailerUnit != TrailerLength)
        {
            progress?.Report(DatabaseLength);
            return;
        }

        await using var stream = await OpenDatabaseAsync(cancellationToken);
        await using var body = new BoundedStream(stream, DatabaseLength - TrailerLength);
        var (sum, _) = await StreamPump.HashAsync(body, progress, cancellationToken);
        var trailer = new byte[TrailerLength];
        await stream.ReadExactlyAsync(trailer, cancellationToken);
        if (!CryptographicOperations.FixedTimeEquals(Convert.FromHexString(sum), trailer))
        {
            throw SnapshotErrors.Altered(Snapshot.ToString(), $"the SHA-256 that etcd appended to '{DatabasePath}' does not agree with it");
        }
    }
}
