using EtcdDr.Engine.Transfer;

namespace EtcdDr.Engine.Snapshots.Places.Directories;

/// <summary>
/// Copies one large file. Where its SHA-256 is known from the manifest, what is missing is sent in one stream, and the destination sums its
/// whole file while that arrives: one sum proves source, way and destination, and what an earlier copy left. Where the sum is not known, or
/// is not that, what is there is compared with the source block by block and used as far as it agrees, and the rest is sent again.
/// </summary>
internal sealed class LargeFileCopy : IDisposable
{
    // Sending the same bytes three times means that something is wrong beyond a cut connection.
    private const int MaximumAttempts = 3;

    // The unit in which hosts address a file.
    private const long MiB = 1024 * 1024;

    private readonly SnapshotUpload _upload;
    private readonly SnapshotStoreEntry _file;
    private readonly DirectoryStore _store;
    private readonly string _target;
    private readonly IUploadProgress _progress;
    private readonly string? _knownSum;
    private readonly int _blockSize;
    private readonly RunningSum _whole = new();
    private long _verified;

    /// <summary>Prepares a copy.</summary>
    /// <param name="upload">The snapshot.</param>
    /// <param name="file">Its file.</param>
    /// <param name="store">Where it goes.</param>
    /// <param name="target">Its path there.</param>
    public LargeFileCopy(SnapshotUpload upload, SnapshotStoreEntry file, DirectoryStore store, string target)
    {
        _upload = upload;
        _file = file;
        _store = store;
        _target = target;
        _progress = upload.Progress;
        _knownSum = upload.Sum(file.Path);
        _blockSize = upload.BlockSize;
    }

    /// <summary>Copies and checks.</summary>
    /// <returns>SHA-256 of the source's file as it was read.</returns>
    /// <exception cref="EtcdDrException"><c>CopyNotVerified</c>, <c>SnapshotAltered</c>, or that of a store.</exception>
    public async Task<string> RunAsync(CancellationToken cancellationToken)
    {
        if (_knownSum is not null && await CompleteAsync(cancellationToken) == _knownSum)
        {
            return _knownSum;
        }

        await CompareAsync(cancellationToken);
        for (var attempt = 0; _verified < _file.Size; attempt++)
        {
            if (attempt == MaximumAttempts)
            {
                throw NotVerified();
            }

            await SendAsync(cancellationToken);
        }

        return _whole.Current();
    }

    /// <inheritdoc/>
    public void Dispose() => _whole.Dispose();

    /// <summary>Sends what is missing, whatever is there.</summary>
    /// <returns>The sum of all that the destination then holds; null if it holds too much.</returns>
    private async Task<string?> CompleteAsync(CancellationToken cancellationToken)
    {
        var there = await _store.LengthAsync(_target, cancellationToken) ?? 0;
        if (there > _file.Size)
        {
            return null;
        }

        var from = there == _file.Size ? there : there / MiB * MiB;
        _progress.Add(from);
        var sum = from == _file.Size ? await _store.Sha256Async(_target, cancellationToken) : await SendFromAsync(from, cancellationToken);
        if (sum != _knownSum)
        {
            _progress.Add(-_file.Size);
        }

        return sum;
    }

    private async Task<string> SendFromAsync(long from, CancellationToken cancellationToken)
    {
        await using var stream = await _upload.OpenAsync(_file.Path, from, cancellationToken);
        await using var ahead = new ReadAheadStream(stream, from, _file.Size, (_, bytes) => _progress.Add(bytes.Length));
        return await _store.WriteSummedAsync(_target, ahead, from, _file.Size - from, sumFrom: 0, cancellationToken);
    }

    /// <summary>Finds how much of the file is there and right, beyond what is known to be.</summary>
    private async Task CompareAsync(CancellationToken cancellationToken)
    {
        var there = await _store.LengthAsync(_target, cancellationToken) ?? 0;
        if (there > _file.Size)
        {
            await _store.DeleteAsync(_target, cancellationToken);
            return;
        }

        var end = there == _file.Size ? there : there / _blockSize * _blockSize;
        var blocks = (int)((end - _verified + _blockSize - 1) / _blockSize);
        if (blocks <= 0)
        {
            return;
        }

        _progress.Step("Checking what is there");
        var here = SumsOfSourceAsync(end, blocks, cancellationToken);
        var theirs = _store.BlockSumsAsync(_target, _verified, _blockSize, blocks, cancellationToken);
        await Task.WhenAll(here, theirs);
        var agreeing = (await here).Zip(await theirs).TakeWhile(pair => pair.First == pair.Second).Count();
        var verified = Math.Min(_verified + ((long)agreeing * _blockSize), end);
        _progress.Add(verified - _verified);
        _verified = verified;
    }

    private async Task<IReadOnlyList<string>> SumsOfSourceAsync(long end, int blocks, CancellationToken cancellationToken)
    {
        await using var stream = await _upload.OpenAsync(_file.Path, _verified, cancellationToken);
        await using var ahead = new ReadAheadStream(stream, _verified, end, (position, bytes) => _whole.Feed(position, bytes.Span));
        return await StreamPump.BlockSumsAsync(ahead, _blockSize, blocks, cancellationToken);
    }

    /// <summary>Sends all that is not verified, and lets the destination say what it holds.</summary>
    private async Task SendAsync(CancellationToken cancellationToken)
    {
        var from = _verified;
        using var sent = from == 0 ? null : new RunningSum();
        await using var stream = await _upload.OpenAsync(_file.Path, from, cancellationToken);
        await using var ahead = new ReadAheadStream(
            stream,
            from,
            _file.Size,
            (position, bytes) =>
            {
                _whole.Feed(position, bytes.Span);
                sent?.Feed(position - from, bytes.Span);
                _progress.Add(bytes.Length);
            }
        );
        var there = await _store.WriteSummedAsync(_target, ahead, from, _file.Size - from, sumFrom: from, cancellationToken);

        if (_whole.Length < _file.Size)
        {
            throw SnapshotErrors.Altered(_upload.Source, Errors.SnapshotAltered_Shorter_Part.With(_file.Path));
        }

        // From the beginning both sums are one, unless the beginning passes for the second time and the first sum is of what was read then.
        var expected = sent is not null ? sent.Current() : _whole.Current();
        if (there == expected)
        {
            _verified = _file.Size;
            return;
        }

        _progress.Add(from - _file.Size);
        await CompareAsync(cancellationToken);
    }

    private EtcdDrException NotVerified() =>
        new(
            "CopyNotVerified",
            EtcdDrErrorCategory.InvalidData,
            Errors.CopyNotVerified_Attempts.With(_file.Path, _store.DisplayName, MaximumAttempts, _verified),
            Errors.CopyNotVerified_Attempts_Action,
            _store.DisplayName
        );
}
