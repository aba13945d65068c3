using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace EtcdDr.Engine.Snapshots.Places.Directories;

/// <summary>Brings a snapshot into a directory: under a temporary name, checked, then renamed.</summary>
internal sealed class DirectoryUpload : ISnapshotUpload
{
    private readonly DirectoryStore _store;
    private readonly SnapshotUpload _upload;
    private readonly ConcurrentDictionary<string, string> _sums = new(StringComparer.Ordinal);

    private DirectoryUpload(DirectoryStore store, SnapshotUpload upload)
    {
        _store = store;
        _upload = upload;
    }

    private string Partial => SnapshotNames.PartialOf(_upload.Name);

    /// <summary>Makes the temporary directory, or takes over the one that a cut upload left, if it is ours and there is room for the
    /// rest.</summary>
    public static async Task<DirectoryUpload> BeginAsync(DirectoryStore store, SnapshotUpload upload, CancellationToken cancellationToken)
    {
        var begun = new DirectoryUpload(store, upload);
        await begun.PrepareAsync(cancellationToken);
        return begun;
    }

    /// <inheritdoc/>
    public async Task WriteAsync(SnapshotStoreEntry file, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(file);
        if (file.Size < SnapshotUpload.SmallFile)
        {
            await WriteSmallAsync(file, cancellationToken);
            return;
        }

        using var copy = new LargeFileCopy(_upload, file, _store, StorePath.Combine(Partial, file.Path));
        Expect(file.Path, await copy.RunAsync(cancellationToken));
    }

    /// <inheritdoc/>
    public async Task PublishAsync(CancellationToken cancellationToken)
    {
        await VerifySmallAsync(cancellationToken);
        var all = _upload.Files.Select(e => e.Path).Concat(Directories()).Select(p => StorePath.Combine(Partial, p));
        await _store.SyncAsync([.. all, Partial], cancellationToken);
        if (_upload.IsFile)
        {
            await _store.RenameAsync(StorePath.Combine(Partial, _upload.Name), _upload.Name, cancellationToken);
            await _store.DeleteAsync(Partial, cancellationToken);
            return;
        }

        await _store.RenameAsync(Partial, _upload.Name, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static IEnumerable<string> Above(string path)
    {
        for (var directory = StorePath.Parent(path); directory.Length > 0; directory = StorePath.Parent(directory))
        {
            yield return directory;
        }
    }

    private async Task PrepareAsync(CancellationToken cancellationToken)
    {
        await _store.CreateDirectoryAsync(string.Empty, cancellationToken);
        var left = await _store.StatAsync(Partial, cancellationToken);
        if (left is not null && (!left.IsDirectory || left.Mode is not (null or PosixFiles.DirectoryMode)))
        {
            throw StoreErrors.NotWritable($"{_store.DisplayName}/{Partial}", new IOException(Errors.DestinationNotWritable_InTheWay_Part));
        }

        var there = left is null ? 0 : await KeepUsefulAsync(cancellationToken);
        var needed = _upload.Size - there;
        if (await _store.FreeBytesAsync(cancellationToken) is { } free && free < needed)
        {
            throw StoreErrors.Full(_store.DisplayName, detail: Errors.DestinationFull_More_Part.With(_upload.Name, needed, free));
        }

        await _store.CreateDirectoryAsync(Partial, cancellationToken);

        // Level by level, each level at once: over a long way each answer takes its time.
        foreach (var level in Directories().GroupBy(d => d.Count(c => c == '/')).OrderBy(l => l.Key))
        {
            await Task.WhenAll(level.Select(d => _store.CreateDirectoryAsync(StorePath.Combine(Partial, d), cancellationToken)));
        }
    }

    /// <summary>Removes from a cut upload what is no part of this snapshot; returns how many bytes are left.</summary>
    private async Task<long> KeepUsefulAsync(CancellationToken cancellationToken)
    {
        var expected = _upload.Files.Select(e => e.Path).Concat(Directories()).ToHashSet(StringComparer.Ordinal);
        var kept = 0L;
        var stray = new List<string>();
        await foreach (var entry in _store.ListAsync(Partial, cancellationToken))
        {
            if (entry.IsLink || !expected.Contains(entry.Path[(Partial.Length + 1)..]))
            {
                stray.Add(entry.Path);
            }
            else
            {
                kept += entry.Size;
            }
        }

        foreach (var path in stray)
        {
            await _store.DeleteAsync(path, cancellationToken);
        }

        return kept;
    }

    private IEnumerable<string> Directories() =>
        _upload.Files.SelectMany(e => Above(e.Path)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);

    private async Task WriteSmallAsync(SnapshotStoreEntry file, CancellationToken cancellationToken)
    {
        await using var source = await _upload.OpenAsync(file.Path, 0, cancellationToken);
        var content = await SnapshotRecognizer.ReadSmallAsync(
            source,
            file.Path,
            _upload.Source,
            SnapshotUpload.SmallFile,
            cancellationToken
        );
        var sum = Convert.ToHexString(SHA256.HashData(content)).ToLowerInvariant();
        Expect(file.Path, sum);
        _sums[file.Path] = sum;
        using var stream = new MemoryStream(content, writable: false);
        await _store.WriteUnsyncedAsync(StorePath.Combine(Partial, file.Path), stream, 0, null, cancellationToken);
        CryptographicOperations.ZeroMemory(content);
        _upload.Progress.Add(file.Size);
    }

    /// <summary>Refuses a source whose file is not what its manifest says.</summary>
    private void Expect(string path, string sum)
    {
        if (_upload.Sum(path) is { } listed && listed != sum)
        {
            throw SnapshotErrors.Altered(_upload.Source, Errors.SnapshotAltered_Sum_Part.With(path));
        }
    }

    private async Task VerifySmallAsync(CancellationToken cancellationToken)
    {
        var paths = _sums.Keys.Order(StringComparer.Ordinal).ToList();
        var there = await _store.Sha256Async([.. paths.Select(p => StorePath.Combine(Partial, p))], cancellationToken);
        for (var i = 0; i < paths.Count; i++)
        {
            if (there[i] != _sums[paths[i]])
            {
                throw new EtcdDrException(
                    "CopyNotVerified",
                    EtcdDrErrorCategory.InvalidData,
                    Errors.CopyNotVerified.With(paths[i], _store.DisplayName),
                    Errors.CopyNotVerified_Action,
                    _store.DisplayName
                );
            }
        }
    }
}
