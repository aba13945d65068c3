using Renci.SshNet;
using Renci.SshNet.Sftp;

namespace EtcdDr.Engine.Ssh.Files;

/// <summary>
/// Writes a remote file from some offset on with many requests in flight. SSH.NET's streams have one write request in flight each, and its
/// upload can only write a file from its beginning; so several streams take turns here. Requests leave in the order of the file and servers
/// serve them in order, so what is there after a break is always a beginning of the file, never one with holes.
/// </summary>
internal sealed class PipelinedWriter : IAsyncDisposable
{
    // 64 requests of 32 KiB are the 2 MiB that OpenSSH's channel window holds.
    private const int Streams = 64;
    private const int RequestSize = 32 * 1024;

    // What SSH.NET leaves of a request for data, besides the file's handle.
    private const int RequestHeader = 25;

    // Reads like an octal number.
    private const short OwnerOnly = 600;

    private readonly SftpFileStream[] _streams;
    private readonly int _chunk;
    private long _position;

    private PipelinedWriter(SftpFileStream[] streams, long offset)
    {
        _streams = streams;
        _position = offset;
        _chunk = RequestSize - RequestHeader - streams[0].Handle.Length;
    }

    /// <summary>Opens the file, makes it readable by its owner alone, and cuts off what it holds beyond the offset.</summary>
    public static async Task<PipelinedWriter> OpenAsync(SftpClient client, string path, long offset, CancellationToken cancellationToken)
    {
        var opened = new List<SftpFileStream>();
        try
        {
            opened.Add(await client.OpenAsync(path, FileMode.OpenOrCreate, FileAccess.Write, cancellationToken));
            await Task.Run(() => Prepare(client, opened[0], path, offset), cancellationToken);
            var others = Enumerable
                .Range(1, Streams - 1)
                .Select(_ => client.OpenAsync(path, FileMode.Open, FileAccess.Write, cancellationToken))
                .ToArray();
            await Task.WhenAll(others)
                .ContinueWith(
                    _ => opened.AddRange(others.Where(o => o.IsCompletedSuccessfully).Select(o => o.Result)),
                    TaskScheduler.Default
                );

            // A server may allow fewer files at once; then fewer take turns.
            return new PipelinedWriter([.. opened], offset);
        }
        catch
        {
            foreach (var stream in opened)
                await stream.DisposeAsync();

            throw;
        }
    }

    /// <summary>Writes all of a stream. Progress is the length of the file so far.</summary>
    public async Task CopyAsync(Stream source, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        var buffers = new byte[_streams.Length][];
        var pending = new Queue<(Task Done, long End)>();
        for (var turn = 0; ; turn = (turn + 1) % _streams.Length)
        {
            // Whose turn it is has the oldest request.
            if (pending.Count == _streams.Length)
                await SettleAsync(pending, progress);

            var buffer = buffers[turn] ??= new byte[_chunk];
            var read = await source.ReadAtLeastAsync(buffer, _chunk, throwOnEndOfStream: false, cancellationToken);
            if (read == 0)
                break;

            // The request has left when this returns.
            pending.Enqueue((SendAsync(_streams[turn], _position, buffer.AsMemory(0, read), cancellationToken), _position + read));
            _position += read;
        }

        while (pending.Count > 0)
            await SettleAsync(pending, progress);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await Task.WhenAll(_streams.Select(stream => stream.DisposeAsync().AsTask()));

    private static void Prepare(SftpClient client, SftpFileStream stream, string path, long offset)
    {
        client.ChangePermissions(path, OwnerOnly);
        if (stream.Length > offset)
            stream.SetLength(offset);
    }

    private static async Task SendAsync(
        SftpFileStream stream,
        long position,
        ReadOnlyMemory<byte> data,
        CancellationToken cancellationToken
    )
    {
        stream.Seek(position, SeekOrigin.Begin);
        await stream.WriteAsync(data, cancellationToken);
        await stream.FlushAsync(cancellationToken);
    }

    private static async Task SettleAsync(Queue<(Task Done, long End)> pending, IProgress<long>? progress)
    {
        var (done, end) = pending.Dequeue();
        await done;
        progress?.Report(end);
    }
}
