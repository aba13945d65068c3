using System.Collections.Concurrent;
using EtcdDr.Engine.Etcd.Database;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Snapshots.Sealing;

namespace EtcdDr.Engine.Snapshots;

/// <summary>
/// Writes a snapshot's directory under a temporary name and gives it its own name when it is whole and on disk. Disposed before that, it
/// leaves nothing behind. Several files may be written at the same time.
/// </summary>
internal sealed class SnapshotWriter : IAsyncDisposable
{
    private const string SealedDirectory = "sealed";

    /// <summary>Names hold whole seconds; two snapshots of one second into one directory get neighbouring ones.</summary>
    private const int NamesToTry = 30;

    private readonly string _parent;
    private readonly SnapshotSealer? _sealer;
    private readonly SealedReadable _about;
    private readonly SnapshotKey? _key;
    private readonly ConcurrentDictionary<string, SnapshotFile> _files = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, SnapshotFile> _sealed = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _sealedAs = new(StringComparer.Ordinal);
    private bool _completed;

    private SnapshotWriter(string parent, string name, DateTimeOffset time, SnapshotSealer? sealer, SealedReadable about)
    {
        _parent = parent;
        _sealer = sealer;
        _about = about;
        _key = sealer?.Key.BoundTo(about);
        Name = name;
        Time = time;
    }

    /// <summary>The name that the snapshot will have.</summary>
    public string Name { get; }

    /// <summary>The time that the name tells.</summary>
    public DateTimeOffset Time { get; }

    /// <summary>Absolute path of the directory while it is being written.</summary>
    public string PartialPath => Path.Combine(_parent, SnapshotNames.PartialOf(Name));

    /// <summary>Absolute path of the directory when it is whole.</summary>
    public string FinalPath => Path.Combine(_parent, Name);

    /// <summary>The manifest as it stands readable in <c>snapshot.json</c>; null before it is complete.</summary>
    public SnapshotManifest? Readable { get; private set; }

    /// <summary>The files written so far, by path.</summary>
    public IReadOnlyList<SnapshotFile> Files => _files.Values.OrderBy(f => f.Path, StringComparer.Ordinal).ToList();

    /// <summary>
    /// Directories beside it of snapshots that are not whole: another command is writing them, or was cut off. Which of the two cannot be
    /// told from here (it may run on another machine), and a copy that was cut off goes on from its own, so none is ever removed.
    /// </summary>
    public IReadOnlyList<string> Unfinished =>
        Directory
            .EnumerateDirectories(
                _parent,
                $".{SnapshotNames.Prefix}*",
                new EnumerationOptions { AttributesToSkip = 0, IgnoreInaccessible = true }
            )
            .Where(d => SnapshotNames.IsPartial(Path.GetFileName(d)) && d != PartialPath)
            .Order(StringComparer.Ordinal)
            .ToList();

    /// <summary>Makes the temporary directory, and the directory that is to hold the snapshot if it does not exist.</summary>
    /// <param name="parent">Absolute path of the directory that is to hold the snapshot.</param>
    /// <param name="time">The snapshot's time.</param>
    /// <param name="sealer">Seals all that is written, so that nothing plain reaches the disk; null for none. It stays the
    /// caller's.</param>
    /// <param name="label">The label that the manifest will have; the keys of a sealed snapshot depend on it.</param>
    /// <param name="cluster">The cluster that the manifest will name; the same.</param>
    /// <exception cref="EtcdDrException"><c>DestinationNotWritable</c>, <c>DestinationFull</c>, <c>SnapshotWriteFailed</c>,
    /// <c>AlreadyExists</c>.</exception>
    public static SnapshotWriter Create(
        string parent,
        DateTimeOffset time,
        SnapshotSealer? sealer = null,
        string? label = null,
        string? cluster = null
    )
    {
        try
        {
            CreateParents(parent);
            var second = new DateTimeOffset(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerSecond), TimeSpan.Zero);
            for (var i = 0; i < NamesToTry; i++)
            {
                var at = second.AddSeconds(i);
                var writer = new SnapshotWriter(
                    parent,
                    SnapshotNames.For(at),
                    at,
                    sealer,
                    new SealedReadable(at.UtcDateTime, label, cluster, ToolName.Current)
                );
                if (!Path.Exists(writer.FinalPath) && PosixFiles.TryCreateDirectory(writer.PartialPath))
                {
                    return writer;
                }
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw StoreErrors.Writing(exception, parent);
        }

        throw StoreErrors.Exists(Path.Combine(parent, SnapshotNames.For(time)));
    }

    /// <summary>Fails if the file system has less room than is needed.</summary>
    public void RequireSpace(long bytes)
    {
        var free = new DriveInfo(_parent).AvailableFreeSpace;
        if (free < bytes)
        {
            throw StoreErrors.Full(_parent, null, Errors.DestinationFull_Bytes_Part.With(Megabytes(bytes), Megabytes(free)));
        }
    }

    /// <summary>Writes a file. Where <paramref name="write"/> returns false there was nothing to write, and no file remains.</summary>
    /// <param name="path">Path in the snapshot.</param>
    /// <param name="write">Writes the content.</param>
    public async Task<bool> WriteAsync(string path, Func<Stream, Task<bool>> write)
    {
        if (_sealer is not null)
        {
            return await SealAsync(path, SealedKind.File, write) is not null;
        }

        var full = Prepare(path);
        await using var stream = new SnapshotFileStream(full, hashing: true);
        if (!await write(stream))
        {
            File.Delete(full);
            return false;
        }

        _files[path] = new SnapshotFile(path, stream.Length, (await stream.FinishAsync())!);
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
            }
        );

    /// <summary>Writes a file whose source tells its SHA-256 itself, so that it is not computed twice.</summary>
    /// <param name="path">Path in the snapshot.</param>
    /// <param name="write">Writes the content and returns its SHA-256 in lower-case hexadecimal.</param>
    public async Task<SnapshotFile> WriteHashedAsync(string path, Func<Stream, Task<string>> write)
    {
        if (_sealer is not null)
        {
            return await SealHashedAsync(path, write);
        }

        await using var stream = new SnapshotFileStream(Prepare(path), hashing: false);
        var sum = await write(stream);
        await stream.FinishAsync();
        var file = new SnapshotFile(path, stream.Length, sum);
        _files[path] = file;
        return file;
    }

    /// <summary>Takes a directory of the snapshot out again, with the files in it that were not finished. Nothing is being written there
    /// any more.</summary>
    /// <param name="directory">Path in the snapshot.</param>
    /// <exception cref="EtcdDrException"><c>SnapshotWriteFailed</c> and its like.</exception>
    public void Discard(string directory)
    {
        foreach (var path in _files.Keys.Where(p => p.StartsWith($"{directory}/", StringComparison.Ordinal)))
        {
            _files.TryRemove(path, out _);
        }

        var full = Path.Combine(PartialPath, directory);
        try
        {
            DiscardSealed(directory);
            if (Directory.Exists(full))
            {
                Directory.Delete(full, recursive: true);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw StoreErrors.Writing(exception, full);
        }
    }

    /// <summary>Absolute path of a file that was written, while the directory is still temporary.</summary>
    public string FullPath(string path) => Path.Combine(PartialPath, _sealedAs.GetValueOrDefault(path, path));

    /// <summary>Opens a database that was written, for its reader.</summary>
    public PageSource OpenDatabase(string path)
    {
        var file = FileSource.Open(FullPath(path));
        return _sealer is null
            ? file
            : SealedSource.Open(file, SealedFile.Of(Name, path, SealedKind.File, IdOf(_sealedAs[path]), file.Length), _key!);
    }

    /// <summary>Writes the manifest, brings all directories to disk and gives the snapshot its name.</summary>
    /// <returns>The snapshot's path.</returns>
    public async Task<string> CompleteAsync(SnapshotManifest manifest, CancellationToken cancellationToken)
    {
        await WriteManifestAsync(manifest, cancellationToken);
        try
        {
            foreach (var directory in Directory.EnumerateDirectories(PartialPath, "*", SearchOption.AllDirectories).Append(PartialPath))
            {
                PosixFiles.SyncDirectory(directory);
            }

            Directory.Move(PartialPath, FinalPath);
            _completed = true;
            PosixFiles.SyncDirectory(_parent);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw StoreErrors.Writing(exception, FinalPath);
        }

        return FinalPath;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _key?.Dispose();
        if (!_completed && Directory.Exists(PartialPath))
        {
            Directory.Delete(PartialPath, recursive: true);
        }

        return ValueTask.CompletedTask;
    }

    private static void CreateParents(string path)
    {
        if (Directory.Exists(path))
        {
            return;
        }

        if (Path.GetDirectoryName(path) is { } parent)
        {
            CreateParents(parent);
        }

        PosixFiles.CreateDirectory(path);
    }

    private static string Megabytes(long bytes) => $"{bytes / (1024.0 * 1024):0.#} MiB";

    /// <summary>Of a sealed snapshot all of the manifest is sealed, and what stands readable is what listing, retention and sums
    /// need.</summary>
    private async Task WriteManifestAsync(SnapshotManifest manifest, CancellationToken cancellationToken)
    {
        var readable = manifest;
        if (_sealer is not null)
        {
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
                }
            );
            readable = new SnapshotManifest
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

        await using var stream = new SnapshotFileStream(Path.Combine(PartialPath, SnapshotManifest.FileName), hashing: false);
        await stream.WriteAsync(readable.ToJson(), cancellationToken);
        await stream.FinishAsync();
        Readable = readable;
    }

    /// <summary>Seals a file under an opaque name; null where there was nothing to write.</summary>
    private async Task<string?> SealAsync(string path, SealedKind kind, Func<Stream, Task<bool>> write)
    {
        var header = SealedLayout.NewHeader(kind);
        var name = $"{SealedDirectory}/{SealedLayout.IdOf(header)}";
        if (kind == SealedKind.File)
        {
            _sealedAs[path] = name;
        }

        var full = Prepare(name);
        await using var file = new SnapshotFileStream(full, hashing: true);
        await using var stream = new SealingStream(file, _key!, header, path);
        if (!await write(stream))
        {
            File.Delete(full);
            _sealedAs.TryRemove(path, out _);
            return null;
        }

        var plain = new SnapshotFile(path, stream.Length, await Task.Run(stream.Finish));
        _sealed[name] = new SnapshotFile(name, file.Length, (await file.FinishAsync())!);
        if (kind == SealedKind.File)
        {
            _files[path] = plain;
        }

        return name;
    }

    private async Task<SnapshotFile> SealHashedAsync(string path, Func<Stream, Task<string>> write)
    {
        await SealAsync(
            path,
            SealedKind.File,
            async stream =>
            {
                await write(stream);
                return true;
            }
        );
        return _files[path];
    }

    private void DiscardSealed(string directory)
    {
        foreach (var (path, name) in _sealedAs.Where(f => f.Key.StartsWith($"{directory}/", StringComparison.Ordinal)).ToList())
        {
            _sealedAs.TryRemove(path, out _);
            _sealed.TryRemove(name, out _);
            File.Delete(Path.Combine(PartialPath, name));
        }
    }

    private static string IdOf(string name) => name[(name.LastIndexOf('/') + 1)..];

    private string Prepare(string path)
    {
        var full = Path.Combine(PartialPath, path);
        try
        {
            CreateParents(Path.GetDirectoryName(full)!);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw StoreErrors.Writing(exception, full);
        }

        return full;
    }
}
