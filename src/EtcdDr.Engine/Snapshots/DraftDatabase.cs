using EtcdDr.Engine.Etcd.Database;
using EtcdDr.Engine.Snapshots.Places;
using EtcdDr.Engine.Snapshots.Verification;

namespace EtcdDr.Engine.Snapshots;

/// <summary>
/// The database of a snapshot that is being taken, where it lies in a place that is not this machine: blocks that were kept from the
/// stream, and others that are read back as they are wanted, of which a bounded number is kept. Where pages lie so scattered that the same
/// blocks are fetched over and over, the whole file is fetched once into one that has no name, as a test of a snapshot does
/// (docs/decisions/0125).
/// </summary>
internal sealed class DraftDatabase : PageSource
{
    private const int BlockBytes = DatabaseBeginning.BlockBytes;
    private const int MostFetched = 32;

    /// <summary>Its own length that may be fetched before it is brought here whole: proving reads it twice.</summary>
    private const int MostTimes = 3;

    private readonly ISnapshotDraft _draft;
    private readonly string _path;
    private readonly CancellationToken _cancellationToken;
    private readonly Lock _lock = new();
    private readonly Lock _bringing = new();
    private readonly Dictionary<long, Block> _blocks = [];
    private long _uses;
    private long _fetched;
    private FileStream? _whole;

    /// <summary>Opens it.</summary>
    /// <param name="draft">The snapshot.</param>
    /// <param name="path">The database's path in it.</param>
    /// <param name="length">Its length.</param>
    /// <param name="beginning">What was kept of it.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    internal DraftDatabase(ISnapshotDraft draft, string path, long length, DatabaseBeginning beginning, CancellationToken cancellationToken)
    {
        _draft = draft;
        _path = path;
        _cancellationToken = cancellationToken;
        Length = length;
        for (var i = 0; i < beginning.Blocks.Count; i++)
        {
            var block = new Block(i, beginning.Blocks[i]) { Kept = true };
            block.Ready.SetResult();
            _blocks[i] = block;
        }
    }

    /// <inheritdoc/>
    internal override string Name => $"{_draft.Name}/{_path}";

    /// <inheritdoc/>
    internal override long Length { get; }

    /// <summary>Bytes that were fetched so far.</summary>
    internal long Fetched => Interlocked.Read(ref _fetched);

    /// <summary>Whether it was brought here whole.</summary>
    internal bool IsHere => _whole is not null;

    /// <inheritdoc/>
    internal override PageReader CreateReader() => new Reader(this);

    /// <inheritdoc/>
    public override void Dispose() => _whole?.Dispose();

    private Block Take(long number)
    {
        Block? block;
        bool found;
        lock (_lock)
        {
            found = _blocks.TryGetValue(number, out block);
            block ??= _blocks[number] = new Block(number, Room());
            block.Users++;
            block.LastUse = ++_uses;
        }

        if (found)
        {
            block.Ready.Task.GetAwaiter().GetResult();
            return block;
        }

        try
        {
            Fetch(number * BlockBytes, block.Bytes);
            block.Ready.SetResult();
            return block;
        }
        catch (Exception e)
        {
            lock (_lock)
            {
                _blocks.Remove(number);
            }

            block.Ready.SetException(e);
            throw;
        }
    }

    private void Return(Block? block)
    {
        if (block is not null)
        {
            lock (_lock)
            {
                block.Users--;
            }
        }
    }

    // The bytes of the block that was used longest ago, if there are enough. Held by the lock.
    private byte[] Room()
    {
        if (_blocks.Values.Count(b => !b.Kept) < MostFetched)
        {
            return GC.AllocateUninitializedArray<byte>(BlockBytes);
        }

        var free = _blocks.Values.Where(b => b is { Kept: false, Users: 0 } && b.Ready.Task.IsCompletedSuccessfully);
        if (free.MinBy(b => b.LastUse) is not { } oldest)
        {
            return GC.AllocateUninitializedArray<byte>(BlockBytes);
        }

        _blocks.Remove(oldest.Number);
        return oldest.Bytes;
    }

    private void Fetch(long offset, byte[] bytes)
    {
        var wanted = bytes.AsMemory(0, (int)Math.Min(BlockBytes, Length - offset));
        if (_whole is null && Interlocked.Add(ref _fetched, wanted.Length) > MostTimes * Length)
        {
            Bring();
        }

        if (_whole is { } here)
        {
            RandomAccess.Read(here.SafeFileHandle, wanted.Span, offset);
            return;
        }

        ReadFromPlace(offset, wanted);
    }

    private void Bring()
    {
        lock (_bringing)
        {
            if (_whole is not null)
            {
                return;
            }

            var file = LocalDatabase.CreateNameless();
            try
            {
                var buffer = new byte[BlockBytes];
                for (var offset = 0L; offset < Length; offset += BlockBytes)
                {
                    var wanted = buffer.AsMemory(0, (int)Math.Min(BlockBytes, Length - offset));
                    ReadFromPlace(offset, wanted);
                    RandomAccess.Write(file.SafeFileHandle, wanted.Span, offset);
                }

                _whole = file;
            }
            catch
            {
                file.Dispose();
                throw;
            }
        }
    }

    // Readers of pages are threads of their own that wait.
    private void ReadFromPlace(long offset, Memory<byte> bytes) =>
        _draft.ReadAsync(_path, offset, bytes, _cancellationToken).GetAwaiter().GetResult();

    private sealed class Block(long number, byte[] bytes)
    {
        public long Number { get; } = number;

        public byte[] Bytes { get; } = bytes;

        public bool Kept { get; init; }

        public int Users { get; set; }

        public long LastUse { get; set; }

        public TaskCompletionSource Ready { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed class Reader(DraftDatabase source) : PageReader
    {
        private Block? _current;
        private byte[] _joined = [];

        internal override ReadOnlySpan<byte> Read(long offset, int length, int ahead)
        {
            var start = (int)(offset % BlockBytes);
            if (start + length <= BlockBytes)
            {
                return BytesOf(offset / BlockBytes).AsSpan(start, length);
            }

            if (_joined.Length < length)
            {
                _joined = GC.AllocateUninitializedArray<byte>(length);
            }

            for (var done = 0; done < length; )
            {
                start = (int)((offset + done) % BlockBytes);
                var count = Math.Min(length - done, BlockBytes - start);
                BytesOf((offset + done) / BlockBytes).AsSpan(start, count).CopyTo(_joined.AsSpan(done));
                done += count;
            }

            return _joined.AsSpan(0, length);
        }

        private byte[] BytesOf(long number)
        {
            if (_current?.Number == number)
            {
                return _current.Bytes;
            }

            source.Return(_current);
            _current = null;
            _current = source.Take(number);
            return _current.Bytes;
        }
    }
}
