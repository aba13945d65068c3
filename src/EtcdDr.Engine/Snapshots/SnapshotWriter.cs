using System.Collections.Concurrent;
using EtcdDr.Engine.Etcd.Database;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Snapshots.Places;
using EtcdDr.Engine.Snapshots.Sealing;

namespace EtcdDr.Engine.Snapshots;

/// <summary>
/// Writes a snapshot into a place, where it gets its name only when it is whole. Disposed before that, it leaves nothing behind. Several
/// files may be written at the same time.
/// </summary>
internal sealed class SnapshotWriter : IAsyncDisposable
{
    private const string SealedDirectory = "sealed";

    /// <summary>Names hold whole seconds; two snapshots of one second into one place get neighbouring ones.</summary>
    private const int NamesToTry = 30;

    private readonly ISnapshotStore _store;
    private readonly ISnapshotDraft _draft;
    private readonly SnapshotSealer? _sealer;
    private readonly SealedReadable _about;
    private readonly SnapshotKey? _key;
    private readonly ConcurrentDictionary<string, SnapshotFile> _files = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, SnapshotFile> _sealed = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _sealedAs = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, DatabaseBeginning> _beginnings = new(StringComparer.Ordinal);

    private SnapshotWriter(ISnapshotStore store, ISnapshotDraft draft, DateTimeOffset time, SnapshotSealer? sealer, SealedReadable about)
    {
        _store = store;
        _draft = draft;
        _sealer = sealer;
        _about = about;
        _key = sealer?.Key.BoundTo(about);
        Time = time;
    }

    /// <summary>The name that the snapshot will have.</summary>
    public string Name => _draft.Name;

    /// <summary>The time that the name tells.</summary>
    public DateTimeOffset Time { get; }

    /// <summary>The manifest as it stands readable in <c>snapshot.json</c>; null before it is complete.</summary>
    public SnapshotManifest? Readable { get; private set; }

    /// <summary>Length of <c>snapshot.json</c>, bytes.</summary>
    public long ManifestLength { get; private set; }

    /// <summary>The files written so far, by path.</summary>
    public IReadOnlyList<SnapshotFile> Files => _files.Values.OrderBy(f => f.Path, StringComparer.Ordinal).ToList();

    /// <summary>Takes a name in a place, which is made if it does not exist.</summary>
    /// <param name="store">The place that is to hold the snapshot; it stays the caller's.</param>
    /// <param name="time">The snapshot's time.</param>
    /// <param name="sealer">Seals all that is written, so that nothing plain reaches the place; null for none. It stays the
    /// caller's.</param>
    /// <param name="label">The label that the manifest will have; the keys of a sealed snapshot depend on it.</param>
    /// <param name="cluster">The cluster that the manifest will name; the same.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="EtcdDrException"><c>DestinationNotWritable</c>, <c>DestinationFull</c>, <c>SnapshotWriteFailed</c>,
    /// <c>AlreadyExists</c>.</exception>
    public static async Task<SnapshotWriter> CreateAsync(
        ISnapshotStore store,
        DateTimeOffset time,
        SnapshotSealer? sealer = null,
        string? label = null,
        string? cluster = null,
        CancellationToken cancellationToken = default
    )
    {
        var second = new DateTimeOffset(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerSecond), TimeSpan.Zero);
        for (var i = 0; i < NamesToTry; i++)
        {
            var at = second.AddSeconds(i);
            if (await store.DraftAsync(SnapshotNames.For(at), cancellationToken) is { } draft)
            {
                return new SnapshotWriter(store, draft, at, sealer, new SealedReadable(at.UtcDateTime, label, cluster, ToolName.Current));
            }
        }

        throw StoreErrors.Exists(store.FullPath(SnapshotNames.For(time)));
    }

    /// <summary>Fails if the place has less room than is needed, as far as it can tell.</summary>
    public Task RequireSpaceAsync(long bytes, CancellationToken cancellationToken) => _draft.RequireSpaceAsync(bytes, cancellationToken);

    /// <summary>Writes a file. Where <paramref name="write"/> returns false there was nothing to write, and no file remains.</summary>
    /// <param name="path">Path in the snapshot.</param>
    /// <param name="write">Writes the content.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<bool> WriteAsync(string path, Func<Stream, Task<bool>> write, CancellationToken cancellationToken = default)
    {
        if (_sealer is not null)
        {
            return await SealAsync(path, SealedKind.File, write, cancellationToken) is not null;
        }

        await using var file = await _draft.CreateAsync(path, cancellationToken);
        await using var stream = new WrittenStream(file, hashing: true);
        if (!await write(stream))
        {
            return false;
        }

        await stream.FinishAsync(cancellationToken);
        _files[path] = new SnapshotFile(path, stream.Length, stream.Sha256!);
        return true;
    }

    /// <summary>Writes a small file.</summary>
    public Task WriteAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        WriteAsync(
            path,
            async stream =>
            {
                await stream.WriteAsync(content, cancellationToken);
                return true;
            },
            cancellationToken
        );

    /// <summary>Writes the database, whose source tells its SHA-256 itself, so that it is not computed twice. It can be opened
    /// then.</summary>
    /// <param name="path">Path in the snapshot.</param>
    /// <param name="write">Writes the content and returns its SHA-256 in lower-case hexadecimal.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<SnapshotFile> WriteDatabaseAsync(
        string path,
        Func<Stream, Task<string>> write,
        CancellationToken cancellationToken = default
    )
    {
        _beginnings[path] = new DatabaseBeginning();
        if (_sealer is not null)
        {
            return await SealDatabaseAsync(path, write, cancellationToken);
        }

        await using var file = await _draft.CreateAsync(path, cancellationToken);
        await using var stream = new WrittenStream(file, hashing: false, Beginning(path, path));
        var sum = await write(stream);
        await stream.FinishAsync(cancellationToken);
        return _files[path] = new SnapshotFile(path, stream.Length, sum);
    }

    /// <summary>Takes a directory of the snapshot out again. Nothing is being written there any more.</summary>
    /// <param name="directory">Path in the snapshot.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="EtcdDrException"><c>SnapshotWriteFailed</c> and its like.</exception>
    public async Task DiscardAsync(string directory, CancellationToken cancellationToken)
    {
        foreach (var path in _files.Keys.Where(p => p.StartsWith($"{directory}/", StringComparison.Ordinal)))
        {
            _files.TryRemove(path, out _);
        }

        foreach (var (path, name) in _sealedAs.Where(f => f.Key.StartsWith($"{directory}/", StringComparison.Ordinal)).ToList())
        {
            _sealedAs.TryRemove(path, out _);
            _sealed.TryRemove(name, out _);
            await _draft.DiscardAsync(name, cancellationToken);
        }

        await _draft.DiscardAsync(directory, cancellationToken);
    }

    /// <summary>Opens a database that was written, for its reader.</summary>
    public PageSource OpenDatabase(string path, CancellationToken cancellationToken = default)
    {
        var stored = _sealedAs.GetValueOrDefault(path, path);
        var length = _sealer is null ? _files[path].Size : _sealed[stored].Size;
        PageSource file = _draft.LocalPath(stored) is { } local
            ? FileSource.Open(local)
            : new DraftDatabase(_draft, stored, length, _beginnings[path], cancellationToken);
        return _sealer is null
            ? file
            : SealedSource.Open(file, SealedFile.Of(Name, path, SealedKind.File, IdOf(stored), file.Length), _key!);
    }

    /// <summary>Writes the manifest and makes it a snapshot.</summary>
    /// <returns>The snapshot's path.</returns>
    public async Task<string> CompleteAsync(SnapshotManifest manifest, CancellationToken cancellationToken)
    {
        var readable = await SealManifestAsync(manifest, cancellationToken);
        var json = readable.ToJson();
        await _draft.PublishAsync(json, cancellationToken);
        Readable = readable;
        ManifestLength = json.Length;
        return _store.FullPath(Name);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _key?.Dispose();
        return _draft.DisposeAsync();
    }

    /// <summary>Of a sealed snapshot all of the manifest is sealed, and what stands readable is what listing, retention and sums
    /// need.</summary>
    private async Task<SnapshotManifest> SealManifestAsync(SnapshotManifest manifest, CancellationToken cancellationToken)
    {
        if (_sealer is null)
        {
            return manifest;
        }

        if (SealedReadable.Of(manifest) != _about)
        {
            throw new ArgumentException(
                "Time, label, cluster and tool of a sealed snapshot are those that its writer was created with.",
                nameof(manifest)
            );
        }

        var inner = manifest with
        {
            FormatVersion = SnapshotManifest.SealedVersion,
            SealedAs = new SortedDictionary<string, string>(_sealedAs, StringComparer.Ordinal),
        };
        var name = await SealAsync(
            SnapshotManifest.FileName,
            SealedKind.Manifest,
            async stream =>
            {
                await stream.WriteAsync(inner.ToJson(), cancellationToken);
                return true;
            },
            cancellationToken
        );
        return new SnapshotManifest
        {
            FormatVersion = SnapshotManifest.SealedVersion,
            Label = _about.Label,
            Created = _about.Created,
            Tool = _about.Tool,
            Cluster = _about.Cluster,
            Database = string.Empty,
            Seal = _sealer.Seal(name!),
            Files = _sealed.Values.OrderBy(f => f.Path, StringComparer.Ordinal).ToList(),
        };
    }

    /// <summary>Seals a file under an opaque name; null where there was nothing to write.</summary>
    private async Task<string?> SealAsync(string path, SealedKind kind, Func<Stream, Task<bool>> write, CancellationToken cancellationToken)
    {
        var header = SealedLayout.NewHeader(kind);
        var name = $"{SealedDirectory}/{SealedLayout.IdOf(header)}";
        await using var file = await _draft.CreateAsync(name, cancellationToken);
        await using var sealedFile = new WrittenStream(file, hashing: true, Beginning(path, name));
        await using var stream = new SealingStream(sealedFile, _key!, header, path);
        if (!await write(stream))
        {
            return null;
        }

        var plain = new SnapshotFile(path, stream.Length, await Task.Run(stream.Finish, cancellationToken));
        await sealedFile.FinishAsync(cancellationToken);
        _sealed[name] = new SnapshotFile(name, sealedFile.Length, sealedFile.Sha256!);
        if (kind == SealedKind.File)
        {
            _sealedAs[path] = name;
            _files[path] = plain;
        }

        return name;
    }

    private async Task<SnapshotFile> SealDatabaseAsync(string path, Func<Stream, Task<string>> write, CancellationToken cancellationToken)
    {
        await SealAsync(
            path,
            SealedKind.File,
            async stream =>
            {
                await write(stream);
                return true;
            },
            cancellationToken
        );
        return _files[path];
    }

    // On this machine the system keeps what was written.
    private DatabaseBeginning? Beginning(string path, string stored) =>
        _draft.LocalPath(stored) is null ? _beginnings.GetValueOrDefault(path) : null;

    private static string IdOf(string name) => name[(name.LastIndexOf('/') + 1)..];
}
