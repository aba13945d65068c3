namespace EtcdDr.Engine.Etcd.Database;

/// <summary>A database in memory, for tests and fuzzing.</summary>
internal sealed class MemorySource(ReadOnlyMemory<byte> content, string name = "(memory)") : PageSource
{
    internal override string Name => name;

    internal override long Length => content.Length;

    internal override PageReader CreateReader() => new Reader(content);

    /// <inheritdoc/>
    public override void Dispose() { }

    private sealed class Reader(ReadOnlyMemory<byte> content) : PageReader
    {
        internal override ReadOnlySpan<byte> Read(long offset, int length, int ahead) => content.Span.Slice(checked((int)offset), length);
    }
}
