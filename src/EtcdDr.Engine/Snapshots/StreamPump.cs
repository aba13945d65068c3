using System.Security.Cryptography;
using EtcdDr.Engine.Operations;

namespace EtcdDr.Engine.Snapshots;

/// <summary>Moves bytes with two buffers: the next ones are read while the last ones are written or hashed.</summary>
internal static class StreamPump
{
    private const int BufferSize = 256 * 1024;

    /// <summary>Reads a stream to its end, giving each piece to <paramref name="consume"/>.</summary>
    /// <returns>How many bytes there were.</returns>
    public static async Task<long> RunAsync(
        Stream source,
        Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> consume,
        CancellationToken cancellationToken
    )
    {
        var current = LargeBuffers.Rent(BufferSize);
        var next = LargeBuffers.Rent(BufferSize);
        var total = 0L;
        var reading = FillAsync(source, current, cancellationToken);
        try
        {
            for (var count = await reading; count > 0; count = await reading)
            {
                reading = FillAsync(source, next, cancellationToken);
                await consume(current.AsMemory(0, count), cancellationToken);
                total += count;
                (current, next) = (next, current);
            }

            return total;
        }
        finally
        {
            // A buffer must not go back while a read may still fill it.
            await ((Task)reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            LargeBuffers.Return(current);
            LargeBuffers.Return(next);
        }
    }

    /// <summary>SHA-256 of a stream, 64 lower-case hexadecimal digits, and its length.</summary>
    public static async Task<(string Sha256, long Length)> HashAsync(
        Stream source,
        IProgress<long>? progress,
        CancellationToken cancellationToken
    )
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var length = await RunAsync(
            source,
            (bytes, _) =>
            {
                hash.AppendData(bytes.Span);
                progress?.Report(bytes.Length);
                return ValueTask.CompletedTask;
            },
            cancellationToken
        );
        return (Convert.ToHexString(hash.GetHashAndReset()).ToLowerInvariant(), length);
    }

    /// <summary>SHA-256 of the next blocks of a stream; those past its end give the hash of nothing.</summary>
    public static async Task<IReadOnlyList<string>> BlockSumsAsync(
        Stream source,
        long blockSize,
        int count,
        CancellationToken cancellationToken
    )
    {
        var sums = new List<string>(count);
        for (var i = 0; i < count; i++)
        {
            await using var block = new BoundedStream(source, blockSize);
            sums.Add((await HashAsync(block, null, cancellationToken)).Sha256);
        }

        return sums;
    }

    private static Task<int> FillAsync(Stream source, byte[] buffer, CancellationToken cancellationToken) =>
        Task.Run(
            () =>
                source.ReadAtLeastAsync(buffer.AsMemory(0, BufferSize), BufferSize, throwOnEndOfStream: false, cancellationToken).AsTask(),
            cancellationToken
        );
}
