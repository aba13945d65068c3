namespace EtcdDr.Tests.Ssh;

/// <summary>Takes bytes slowly and counts them.</summary>
internal sealed class SlowStream(int delayAfter) : MemoryStream
{
    private long _length;
    private long _untilDelay = delayAfter;

    public override long Length => _length;

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _length += buffer.Length;
        if ((_untilDelay -= buffer.Length) > 0)
            return;

        _untilDelay = delayAfter;
        await Task.Delay(5, cancellationToken);
    }
}

/// <summary>Takes a little, then no more.</summary>
internal sealed class FullStream : MemoryStream
{
    private int _writes;

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        ++_writes > 3 ? throw new IOException("full") : ValueTask.CompletedTask;
}

/// <summary>Gives a little, then fails.</summary>
internal sealed class BrokenStream : MemoryStream
{
    private int _reads;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        ++_reads > 3 ? throw new IOException("broken") : ValueTask.FromResult(buffer.Length);
}
