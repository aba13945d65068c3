using System.Security.Cryptography;
using EtcdDr.Engine.Etcd.Database;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Snapshots.Places;
using EtcdDr.Engine.Snapshots.Sealing;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.Snapshots;

/// <summary>
/// Reads a snapshot, wherever it is and whoever wrote it: a restore asks for "the database", "sa.key" and the encryption configuration, and
/// gets the same from this module's format, from backups of the MAA scripts, and (the database only) from a bare file.
/// </summary>
public sealed class SnapshotReader : IAsyncDisposable
{
    // etcd's `snapshot save` appends the SHA-256 of what it wrote; a database is a whole number of 512-byte units otherwise (etcdutl
    // snapshot).
    private const int TrailerLength = 32;
    private const int TrailerUnit = 512;

    // From this version of the format on the keys of a sealed snapshot depend on what stands readable.
    private const int FirstBoundVersion = 3;

    private const long MaximumSmallFile = 16 * 1024 * 1024;

    private readonly SemaphoreSlim _unlocking = new(1, 1);
    private SnapshotContents _contents;
    private SnapshotKey? _key;

    private SnapshotReader(ISnapshotStore store, SnapshotContents contents, EtcdSnapshot snapshot)
    {
        Store = store;
        StoredManifest = contents.Manifest;
        Snapshot = snapshot;
        _contents = IsSealed ? contents with { Manifest = null } : contents;
    }

    /// <summary>The snapshot; of a sealed one what is readable, until it is unlocked.</summary>
    public EtcdSnapshot Snapshot { get; private set; }

    /// <summary>The store that is the snapshot's directory (for a bare database, the directory that it is in).</summary>
    public ISnapshotStore Store { get; }

    /// <summary>Whether it is sealed.</summary>
    public bool IsSealed => StoredManifest?.Seal is not null;

    /// <summary>The manifest as it stands in the store; null for MAA backups and bare databases. Its files are those that lie there: of a
    /// sealed snapshot the sealed ones.</summary>
    public SnapshotManifest? StoredManifest { get; }

    /// <summary>The manifest; null for MAA backups and bare databases, and for a sealed snapshot until it is unlocked. Its files are those
    /// that can be opened.</summary>
    public SnapshotManifest? Manifest => _contents.Manifest;

    /// <summary>Nodes of the cluster at that time; empty for a bare database.</summary>
    public IReadOnlyList<SnapshotNode> Nodes => Snapshot.Nodes;

    /// <summary>Path of the database in <see cref="Store"/>.</summary>
    public string DatabasePath => _contents.Database;

    /// <summary>Size of the database file, bytes; etcd's trailing hash included where it is there.</summary>
    public long DatabaseLength => Snapshot.DbSize;

    /// <summary>SHA-256 of the database file that the manifest records; null where there is none.</summary>
    public string? DatabaseSha256 => Manifest?.Files.FirstOrDefault(f => f.Path == DatabasePath)?.Sha256;

    /// <summary>Path of the service-account signing key; null if the snapshot holds none.</summary>
    public string? ServiceAccountKeyPath => _contents.ServiceAccountKey;

    /// <summary>Path of the service-account public key; null if the snapshot holds none.</summary>
    public string? ServiceAccountPublicKeyPath => _contents.ServiceAccountPublicKey;

    /// <summary>Files of encryption at rest: where they belong on a node, and where they are in the snapshot.</summary>
    public IReadOnlyList<SnapshotKeyFile> EncryptionConfigs => _contents.EncryptionConfigs;

    /// <summary>How the cluster was set up; null where the snapshot does not say.</summary>
    public SnapshotSettings? Settings => _contents.Settings;

    /// <summary>Paths of the files that can be opened; none of a sealed snapshot until it is unlocked.</summary>
    public IEnumerable<string> ContentPaths =>
        IsSealed ? Manifest?.Files.Select(f => f.Path) ?? [] : Entries.Where(e => !e.IsLink).Select(e => e.Path);

    /// <summary>Paths and sizes of all files as they lie in the store, the manifest included; not what restores left in the snapshot's
    /// directory.</summary>
    public IReadOnlyList<SnapshotStoreEntry> Entries => _contents.Entries;

    /// <summary>Opens a snapshot where it is.</summary>
    /// <exception cref="EtcdDrException"><c>NotASnapshot</c>, <c>SnapshotIncomplete</c>, <c>SnapshotAltered</c>, or that of the
    /// connection.</exception>
    public static async Task<SnapshotReader> OpenAsync(
        EtcdSnapshot snapshot,
        IRemoteHostFactory hosts,
        OperationContext context,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        var store = await SnapshotStores.OpenAsync(snapshot, hosts, context, cancellationToken);
        try
        {
            return await OpenAsync(snapshot, store, context, cancellationToken);
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Opens the seal, with what <see cref="EtcdSnapshot"/> carries for it or a key of the certificate store; nothing happens where there
    /// is none, or it is open. Reading does this by itself; whoever looks at the manifest or the database's path first calls it.
    /// </summary>
    /// <exception cref="EtcdDrException"><c>SnapshotKeyMissing</c>, <c>SnapshotKeyWrong</c>, <c>DecryptionKeyUnreadable</c>,
    /// <c>SnapshotAltered</c>.</exception>
    public async Task UnlockAsync(CancellationToken cancellationToken)
    {
        if (!IsSealed || _key is not null)
        {
            return;
        }

        await _unlocking.WaitAsync(cancellationToken);
        try
        {
            if (_key is null)
            {
                await UnsealAsync(StoredManifest!.Seal!, cancellationToken);
            }
        }
        finally
        {
            _unlocking.Release();
        }
    }

    /// <summary>Opens the database; close the stream.</summary>
    public async Task<Stream> OpenDatabaseAsync(CancellationToken cancellationToken)
    {
        await UnlockAsync(cancellationToken);
        return await OpenFileAsync(DatabasePath, cancellationToken);
    }

    /// <summary>Opens one of the snapshot's files; close the stream. What comes out of a sealed file is proven.</summary>
    public async Task<Stream> OpenFileAsync(string path, CancellationToken cancellationToken)
    {
        if (_contents.Unpacked.TryGetValue(path, out var content))
        {
            return new MemoryStream(content, writable: false);
        }

        if (!IsSealed)
        {
            return await Store.OpenReadAsync(path, 0, cancellationToken);
        }

        await UnlockAsync(cancellationToken);
        return new SealedReadStream(await Store.OpenReadAsync(StoredPath(path), 0, cancellationToken), SealedFileOf(path), _key!);
    }

    /// <summary>Reads one of the snapshot's small files whole, at most 16 MiB. Keys are among them: never log it.</summary>
    public async Task<byte[]> ReadFileAsync(string path, CancellationToken cancellationToken)
    {
        await using var stream = await OpenFileAsync(path, cancellationToken);
        return await SnapshotRecognizer.ReadSmallAsync(stream, path, Snapshot.ToString(), MaximumSmallFile, cancellationToken);
    }

    /// <summary>Keeps a small file with secrets beside the snapshot, as private as the snapshot: beside a sealed one it is
    /// sealed.</summary>
    internal async Task KeepAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        await UnlockAsync(cancellationToken);
        var (name, bytes) = IsSealed ? KeptFiles.Seal(path, content.Span, _key!) : (path, content);
        await Store.CreateDirectoryAsync(StorePath.Parent(path), cancellationToken);
        await Store.WriteWholeAsync(name, bytes, cancellationToken);
    }

    /// <summary>Opens a file that a restore kept beside the snapshot, as it lies there.</summary>
    internal async Task<Stream> OpenKeptAsync(SnapshotStoreEntry kept, CancellationToken cancellationToken)
    {
        if (KeptFiles.Opened(kept.Path) is not var (path, id))
        {
            return await Store.OpenReadAsync(kept.Path, 0, cancellationToken);
        }

        await UnlockAsync(cancellationToken);
        var file = SealedFile.Of(Snapshot.ToString(), path, SealedKind.KeptAt, id, kept.Size);
        return _key is null
            ? throw SnapshotErrors.Altered(Snapshot.ToString(), Errors.SnapshotAltered_SealedFile_Part.With(kept.Path))
            : new SealedReadStream(await Store.OpenReadAsync(kept.Path, 0, cancellationToken), file, _key);
    }

    /// <summary>Where a file lies in the store.</summary>
    internal string StoredPath(string path) =>
        !IsSealed
            ? path
            : Manifest?.SealedAs?.GetValueOrDefault(path)
                ?? throw SnapshotErrors.Incomplete(Snapshot.ToString(), Errors.SnapshotIncomplete_File_Part.With(path));

    /// <summary>The plain content of a file for random access, given the file as it lies in the store, which becomes the
    /// result's.</summary>
    internal PageSource Plain(string path, PageSource stored) => IsSealed ? SealedSource.Open(stored, SealedFileOf(path), _key!) : stored;

    /// <summary>
    /// Checks that the snapshot is what was taken. With a manifest: exactly its files are there, and size and SHA-256 of each agree; sums
    /// are computed where the snapshot is. Without one: the hash that etcd appended to the database agrees.
    /// </summary>
    /// <param name="progress">Told how many bytes more are checked.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="EtcdDrException"><c>SnapshotAltered</c>, naming every file that is missing, extra or different.</exception>
    public async Task VerifySumsAsync(IProgress<long>? progress, CancellationToken cancellationToken)
    {
        RefuseLinks();
        if (StoredManifest is not { } manifest)
        {
            await VerifyTrailerAsync(progress, cancellationToken);
            return;
        }

        var listed = manifest.Files.Select(f => f.Path).Append(SnapshotManifest.FileName).ToHashSet(StringComparer.Ordinal);
        var extra = Entries.Select(e => e.Path).Where(p => !listed.Contains(p)).ToList();
        if (extra.Count > 0)
        {
            throw SnapshotErrors.Altered(Snapshot.ToString(), Errors.SnapshotAltered_Unlisted_Part.With(Names(extra)));
        }

        var different = new System.Collections.Concurrent.ConcurrentBag<string>();
        await Parallel.ForEachAsync(
            manifest.Files.OrderByDescending(f => f.Size),
            new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = cancellationToken },
            async (file, ct) =>
            {
                if (await Store.Sha256Async(file.Path, ct) != file.Sha256)
                {
                    different.Add(file.Path);
                }

                progress?.Report(file.Size);
            }
        );
        if (!different.IsEmpty)
        {
            throw SnapshotErrors.Altered(
                Snapshot.ToString(),
                Errors.SnapshotAltered_Sums_Part.With(Names(different.Order(StringComparer.Ordinal)))
            );
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        foreach (var content in _contents.Unpacked.Values)
        {
            CryptographicOperations.ZeroMemory(content);
        }

        _key?.Dispose();
        _unlocking.Dispose();
        return Store.DisposeAsync();
    }

    private static string Names(IEnumerable<string> paths)
    {
        var names = paths.ToList();
        var shown = string.Join(", ", names.Take(5).Select(n => $"'{StorePath.Printable(n)}'"));
        return names.Count > 5 ? $"{shown} and {names.Count - 5} more" : shown;
    }

    private static async Task<SnapshotReader> OpenAsync(
        EtcdSnapshot snapshot,
        ISnapshotStore store,
        OperationContext context,
        CancellationToken cancellationToken
    )
    {
        if (snapshot.Format == SnapshotFormat.Database)
        {
            var name = SnapshotLocation.Of(snapshot).Name;
            var file = await store.StatAsync(name, cancellationToken) ?? throw StoreErrors.Missing(snapshot.ToString());
            var bare =
                await SnapshotRecognizer.FileAsync(store, file, cancellationToken)
                ?? throw SnapshotErrors.NotASnapshot(snapshot.ToString(), Errors.NotASnapshot_NoDatabase_Part);
            // A file says nothing of itself; who copied it may know whose it is.
            var known = bare.Snapshot with
            {
                Cluster = snapshot.Cluster,
                Revision = snapshot.Revision,
            };
            return new SnapshotReader(store, bare, Merge(snapshot, known));
        }

        if (await store.LengthAsync(string.Empty, cancellationToken) is not -1)
        {
            throw StoreErrors.Missing(snapshot.ToString());
        }

        var contents =
            await SnapshotRecognizer.DirectoryAsync(await store.ListedAsync(cancellationToken), string.Empty, cancellationToken)
            ?? throw SnapshotErrors.NotASnapshot(snapshot.ToString(), Errors.NotASnapshot_NoManifest_Part.With(SnapshotManifest.FileName));
        if (contents.Snapshot.Format == SnapshotFormat.Maa)
        {
            contents = await MaaConfiguration.AddAsync(store, contents, context.Sink.Warning, cancellationToken);
        }

        return new SnapshotReader(store, contents, Merge(snapshot, contents.Snapshot));
    }

    /// <summary>What is there now, reached as before.</summary>
    private static EtcdSnapshot Merge(EtcdSnapshot asked, EtcdSnapshot found) =>
        found with
        {
            ComputerName = asked.ComputerName,
            Ssh = asked.Ssh,
            Place = asked.Place,
            Decryption = asked.Decryption,
        };

    private async Task UnsealAsync(SnapshotSeal seal, CancellationToken cancellationToken)
    {
        var place = Snapshot.ToString();
        var key = await Task.Run(() => FileKey(new SnapshotUnsealer(place, seal)), cancellationToken);
        try
        {
            var manifest = SnapshotManifest.Parse(
                await ReadSealedManifestAsync(seal, key, place, cancellationToken),
                $"{place}/{seal.Manifest}"
            );
            CheckReadable(manifest, place);
            CheckSealed(manifest, place);
            Open(manifest);
            _key = key;
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    private bool IsBound => StoredManifest!.FormatVersion >= FirstBoundVersion;

    private SnapshotKey FileKey(SnapshotUnsealer unsealer)
    {
        var key = unsealer.Unseal(Snapshot.Decryption);
        if (!IsBound)
        {
            return key;
        }

        using (key)
        {
            return key.BoundTo(SealedReadable.Of(StoredManifest!));
        }
    }

    private async Task<byte[]> ReadSealedManifestAsync(
        SnapshotSeal seal,
        SnapshotKey key,
        string place,
        CancellationToken cancellationToken
    )
    {
        var file = SealedFile.Of(place, seal.Manifest, SealedKind.Manifest, IdOf(seal.Manifest), StoredSize(seal.Manifest));
        await using var stream = new SealedReadStream(await Store.OpenReadAsync(seal.Manifest, 0, cancellationToken), file, key);
        try
        {
            return await SnapshotRecognizer.ReadSmallAsync(stream, seal.Manifest, place, SnapshotManifest.MaximumLength, cancellationToken);
        }
        catch (EtcdDrException failure) when (failure.ErrorId == "SnapshotAltered" && IsBound)
        {
            throw SnapshotErrors.Altered(
                place,
                Errors.SnapshotAltered_SealedBound_Part.With(SnapshotManifest.FileName, seal.Manifest),
                failure
            );
        }
    }

    private void CheckReadable(SnapshotManifest manifest, string place)
    {
        if (SealedReadable.Of(StoredManifest!).DifferenceTo(SealedReadable.Of(manifest)) is var (name, here, there))
        {
            throw SnapshotErrors.Altered(
                place,
                Errors.SnapshotAltered_SealedReadable_Part.With(SnapshotManifest.FileName, name, here, there)
            );
        }
    }

    private void Open(SnapshotManifest manifest)
    {
        var locked = Snapshot;
        var full = Merge(locked, manifest.ToSnapshot(locked.Name, locked.Path, 0)) with
        {
            Sealed = true,
            SealState = SnapshotSealState.Proven,
            Size = locked.Size,
            Files = locked.Files,
        };
        _contents = SnapshotRecognizer.Contents(manifest, full, _contents.Entries);
        Snapshot = full;
    }

    /// <summary>The sealed manifest is proven, so what stands readable beside it must agree: no file more, none less, none of another
    /// length.</summary>
    private void CheckSealed(SnapshotManifest manifest, string place)
    {
        if (manifest.SealedAs is null || manifest.Seal is not null || manifest.FormatVersion != StoredManifest!.FormatVersion)
        {
            throw SnapshotErrors.Altered(place, Errors.SnapshotAltered_SealedManifest_Part);
        }

        var stored = StoredManifest.Files.ToDictionary(f => f.Path, f => f.Size, StringComparer.Ordinal);
        stored.Remove(StoredManifest.Seal!.Manifest);
        foreach (var file in manifest.Files)
        {
            if (!stored.Remove(manifest.SealedAs[file.Path], out var size) || size != SealedLayout.SealedLength(file.Size))
            {
                throw SnapshotErrors.Altered(place, Errors.SnapshotAltered_SealedUnlisted_Part.With(SnapshotManifest.FileName, file.Path));
            }
        }

        if (stored.Count > 0)
        {
            throw SnapshotErrors.Altered(
                place,
                Errors.SnapshotAltered_SealedExtra_Part.With(SnapshotManifest.FileName, Names(stored.Keys))
            );
        }
    }

    private SealedFile SealedFileOf(string path)
    {
        var name = StoredPath(path);
        return SealedFile.Of(Snapshot.ToString(), path, SealedKind.File, IdOf(name), StoredSize(name));
    }

    private long StoredSize(string name) => StoredManifest!.Files.First(f => f.Path == name).Size;

    private static string IdOf(string name) => name[(name.LastIndexOf('/') + 1)..];

    private void RefuseLinks()
    {
        var links = Entries.Where(e => e.IsLink).Select(e => e.Path).ToList();
        if (links.Count > 0)
        {
            throw SnapshotErrors.Altered(Snapshot.ToString(), Errors.SnapshotAltered_Links_Part.With(Names(links)));
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
        if (await stream.ReadAtLeastAsync(trailer, trailer.Length, throwOnEndOfStream: false, cancellationToken) < trailer.Length)
        {
            throw SnapshotErrors.Altered(Snapshot.ToString(), Errors.SnapshotAltered_Shorter_Part.With(DatabasePath));
        }

        if (!CryptographicOperations.FixedTimeEquals(Convert.FromHexString(sum), trailer))
        {
            throw SnapshotErrors.Altered(Snapshot.ToString(), Errors.SnapshotAltered_Trailer_Part.With(DatabasePath));
        }
    }
}
