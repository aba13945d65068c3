namespace EtcdDr.Engine.Etcd.Database;

/// <summary>Parts of a file that lies elsewhere: only what was fetched can be read.</summary>
/// <param name="name">The name for messages.</param>
/// <param name="length">Length of the whole file, bytes.</param>
/// <param name="read">Reads a range of it.</param>
internal sealed class FetchedSource(string name, long length, Func<long, int, CancellationToken, Task<byte[]>> read) : PageSource
{
    private readonly List<(long Offset, byte[] Bytes)> _parts = [];

    internal override string Name => name;

    internal override long Length => length;

    /// <summary>Fetches a range, unless it was already.</summary>
    internal async Task FetchAsync(long offset, int count, CancellationToken cancellationToken)
    {
        if (Find(offset, count) < 0)
        {
            _parts.Add((offset, await read(offset, count, cancellationToken)));
        }
    }

    internal override PageReader CreateReader() => new Reader(this);

    /// <inheritdoc/>
    public override void Dispose() { }

    private int Find(long offset, int count) => _parts.FindIndex(p => offset >= p.Offset && offset + count <= p.Offset + p.Bytes.Length);

    private sealed class Reader(FetchedSource source) : PageReader
    {
        internal override ReadOnlySpan<byte> Read(long offset, int length, int ahead) =>
            source.Find(offset, length) is >= 0 and var part
                ? source._parts[part].Bytes.AsSpan((int)(offset - source._parts[part].Offset), length)
                : throw DatabaseErrors.Damaged(source.Name, Errors.DatabaseDamaged_PagesChanged_Part);
    }
}
