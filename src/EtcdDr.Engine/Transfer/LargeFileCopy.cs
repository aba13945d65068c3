using System.Threading.Channels;
using EtcdDr.Engine.Snapshots;

namespace EtcdDr.Engine.Transfer;

/// <summary>
/// Copies one large file in blocks. What an earlier copy left is compared block by block and used as far as it agrees; blocks are checked at the
/// destination while later ones are on their way; a block that arrived wrong is sent again.
/// </summary>
internal sealed class LargeFileCopy : IDisposable
{
    /// <summary>Size of a block: what is lost at most when a copy is cut, and what one checksum covers.</summary>
    public const int DefaultBlockSize = 8 * 1024 * 1024;

    // Sending the same block three times means that something is wrong beyond a cut connection.
    private const int MaximumAttempts = 3;

    // Fewer blocks are not worth a round trip while others still come.
    private const int BlocksPerCheck = 8;

    private readonly SnapshotReader _source;
    private readonly SnapshotStoreEntry _file;
    private readonly ISnapshotStore _store;
    private readonly string _target;
    private readonly TransferProgress _progress;
    private readonly BlockDigests _digests;
    private int _verified;

    public LargeFileCopy(
        SnapshotReader source, SnapshotStoreEntry file, ISnapshotStore store, string target, TransferProgress progress, int blockSize = DefaultBlockSize)
    {
        _source = source;
        _file = file;
        _store = store;
        _target = target;
        _progress = progress;
        _digests = new BlockDigests(file.Size, blockSize);
    }

    private int BlockSize => _digests.BlockSize;

    /// <summary>Copies and checks.</summary>
    /// <returns>SHA-256 of the source's file as it was read.</returns>
    /// <exception cref="EtcdDrException"><c>CopyNotVerified</c>, <c>SnapshotAltered</c>, or that of a store.</exception>
    public async Task<string> RunAsync(CancellationToken cancellationToken)
    {
        await ResumeAsync(cancellationToken);
        for (var attempt = 0; _verified < _digests.Count; attempt++)
        {
            if (attempt == MaximumAttempts)
            {
                throw NotVerified();
            }

            await SendAsync(cancellationToken);
        }

        return _digests.Whole() ?? throw SnapshotErrors.Altered(_source.Snapshot.ToString(), $"'{_file.Path}' became shorter while it was read");
    }

    /// <inheritdoc/>
    public void Dispose() => _digests.Dispose();

    /// <summary>Finds how much of the file is there already and right.</summary>
    private async Task ResumeAsync(CancellationToken cancellationToken)
    {
        var there = await _store.LengthAsync(_target, cancellationToken) ?? 0;
        if (there > _file.Size)
        {
            await _store.DeleteAsync(_target, cancellationToken);
            return;
        }

        var blocks = there == _file.Size ? _digests.Count : (int)(there / BlockSize);
        if (blocks == 0)
        {
            return;
        }

        _progress.Step("Checking what is there");
        var digesting = DigestSourceAsync(blocks, cancellationToken);
        var summing = _store.BlockSumsAsync(_target, 0, BlockSize, blocks, cancellationToken);
        await Task.WhenAll(digesting, summing);
        _ = Accept(await summing);
        _progress.Add(PositionOf(_verified));
    }

    private async Task DigestSourceAsync(int blocks, CancellationToken cancellationToken)
    {
        await using var stream = await _source.Store.OpenReadAsync(_file.Path, 0, cancellationToken);
        await using var bounded = new BoundedStream(stream, PositionOf(blocks));
        await using var digesting = new DigestingStream(bounded, 0, _digests, _ => { });
        await StreamPump.RunAsync(digesting, (_, _) => ValueTask.CompletedTask, cancellationToken);
    }

    /// <summary>Sends all from the first block that is not verified, and checks it.</summary>
    private async Task SendAsync(CancellationToken cancellationToken)
    {
        var from = PositionOf(_verified);
        var passed = Channel.CreateBounded<long>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var checking = CheckWhilePassingAsync(passed.Reader, stop.Token);
        try
        {
            var told = from;
            await using var stream = await _source.Store.OpenReadAsync(_file.Path, from, cancellationToken);
            await using var digesting = new DigestingStream(stream, from, _digests, position =>
            {
                _progress.Add(position - told);
                told = position;
                passed.Writer.TryWrite(position);
            });
            await _store.WriteUnsyncedAsync(_target, digesting, from, null, cancellationToken);
        }
        catch
        {
            await stop.CancelAsync();
            throw;
        }
        finally
        {
            passed.Writer.TryComplete();
            await ((Task)checking).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await checking;
        await CheckAsync(_digests.Count, cancellationToken);
        _progress.Add(PositionOf(_verified) - _file.Size);
    }

    private async Task CheckWhilePassingAsync(ChannelReader<long> passed, CancellationToken cancellationToken)
    {
        await foreach (var position in passed.ReadAllAsync(cancellationToken))
        {
            if ((position / BlockSize) - _verified < BlocksPerCheck)
            {
                continue;
            }

            // The position counts what was read here; what has arrived is what the file there says. Its last block may still be on its way.
            var arrived = await _store.LengthAsync(_target, cancellationToken) ?? 0;
            var blocks = (int)(Math.Min(arrived, position) / BlockSize);
            if (blocks - _verified >= BlocksPerCheck && !await CheckAsync(blocks, cancellationToken))
            {
                return;
            }
        }
    }

    /// <summary>Checks at the destination the blocks that are not verified yet, up to one.</summary>
    /// <returns>Whether all of them arrived right.</returns>
    private async Task<bool> CheckAsync(int blocks, CancellationToken cancellationToken) => blocks <= _verified || Accept(
        await _store.BlockSumsAsync(_target, PositionOf(_verified), BlockSize, blocks - _verified, cancellationToken));

    /// <summary>Counts as verified the blocks whose sums agree, up to the first that does not.</summary>
    private bool Accept(IReadOnlyList<string> sums)
    {
        foreach (var sum in sums)
        {
            if (sum != _digests[_verified])
            {
                return false;
            }

            _verified++;
        }

        return true;
    }

    private long PositionOf(int block) => Math.Min((long)block * BlockSize, _file.Size);

    private EtcdDrException NotVerified() => new(
        "CopyNotVerified",
        EtcdDrErrorCategory.InvalidData,
        $"'{_file.Path}' arrived at '{_store.DisplayName}' other than it was sent, {MaximumAttempts} times, from byte {PositionOf(_verified)} on.",
        "Look at the disk, the memory and the network of that host before you trust it with a backup.",
        _store.DisplayName);
}
