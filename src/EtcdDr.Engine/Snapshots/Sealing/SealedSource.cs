using System.Collections.Concurrent;
using EtcdDr.Engine.Etcd.Database;

namespace EtcdDr.Engine.Snapshots.Sealing;

/// <summary>A sealed database for the reader of databases: any part of it, each chunk proven before a byte of it is used.</summary>
internal sealed class SealedSource : PageSource
{
    private readonly PageSource _file;
    private readonly SealedFile _expected;
    private readonly SnapshotKey _key;
    private readonly byte[] _header;

    // Readers have no end of their own; their ciphers end with the source.
    private readonly ConcurrentBag<ChunkSealer> _sealers = [];

    private SealedSource(PageSource file, SealedFile expected, SnapshotKey key, byte[] header)
    {
        _file = file;
        _expected = expected;
        _key = key;
        _header = header;
    }

    internal override string Name => _file.Name;

    internal override long Length => _expected.PlainLength;

    /// <summary>Reads the header; the source becomes this object's.</summary>
    /// <exception cref="EtcdDrException"><c>SnapshotAltered</c>.</exception>
    internal static SealedSource Open(PageSource file, SealedFile expected, SnapshotKey key)
    {
        try
        {
            if (file.Length != SealedLayout.SealedLength(expected.PlainLength))
            {
                throw expected.Altered(Errors.SnapshotAltered_SealedLengthOther_Part);
            }

            var header = file.CreateReader().Read(0, SealedLayout.HeaderLength, SealedLayout.HeaderLength).ToArray();
            return SealedLayout.Fault(header, expected.Kind, expected.Id) is { } fault
                ? throw expected.Altered(fault)
                : new SealedSource(file, expected, key, header);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    internal override PageReader CreateReader()
    {
        var sealer = new ChunkSealer(_key, _header, _expected.Path);
        _sealers.Add(sealer);
        return new Reader(this, sealer);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        while (_sealers.TryTake(out var sealer))
        {
            sealer.Dispose();
        }

        _file.Dispose();
    }

    private sealed class Reader(SealedSource source, ChunkSealer sealer) : PageReader
    {
        private readonly PageReader _file = source._file.CreateReader();
        private byte[] _window = [];
        private long _start;
        private int _length;

        internal override ReadOnlySpan<byte> Read(long offset, int length, int ahead)
        {
            if (offset < _start || offset + length > _start + _length)
            {
                Fill(offset, (int)Math.Min(Math.Max(length, ahead), source.Length - offset));
            }

            return _window.AsSpan((int)(offset - _start), length);
        }

        private void Fill(long offset, int length)
        {
            _length = 0;
            if (length == 0)
            {
                return;
            }

            var first = offset / SealedLayout.ChunkLength;
            var count = (int)(((offset + length - 1) / SealedLayout.ChunkLength) - first + 1);
            if (_window.Length < count * SealedLayout.ChunkLength)
            {
                _window = GC.AllocateUninitializedArray<byte>(count * SealedLayout.ChunkLength);
            }

            var filled = 0;
            for (var chunk = first; chunk < first + count; chunk++)
            {
                filled += Open(chunk, _window.AsSpan(filled), first + count);
            }

            _start = first * SealedLayout.ChunkLength;
            _length = filled;
        }

        private int Open(long chunk, Span<byte> target, long end)
        {
            var plain = source._expected.ChunkLength(chunk);
            var offset = SealedLayout.OffsetOf(chunk);
            var ahead = Math.Min(SealedLayout.OffsetOf(end), source._file.Length) - offset;
            var content = _file.Read(offset, plain + SealedLayout.TagLength, (int)ahead);
            return sealer.TryOpen(chunk, chunk == source._expected.Chunks - 1, content, target[..plain])
                ? plain
                : throw source._expected.AlteredAt(chunk);
        }
    }
}
