using EtcdDr.Engine.Ssh.Connections;
using Renci.SshNet;
using Renci.SshNet.Common;
using Renci.SshNet.Sftp;

namespace EtcdDr.Engine.Ssh.Files;

/// <summary>Files of a host over SFTP. Symbolic links on the way to a file are followed, and told.</summary>
internal sealed class SshFiles : IRemoteFiles
{
    // SSH.NET takes modes as decimal numbers that read like octal ones.
    private const short OwnerOnlyDirectory = 700;
    private const short OwnerOnlyFile = 600;
    private readonly SshConnection _connection;

    /// <summary>Takes over a connection that was opened for files.</summary>
    public SshFiles(SshConnection connection) => _connection = connection;

    private SftpClient Client => _connection.FilesClient;

    /// <inheritdoc/>
    public async Task<RemoteFile?> StatAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            // SSH.NET has the server resolve the path first, so what comes is about the target of any link.
            var file = await Client.GetAsync(path, cancellationToken);
            return Describe(path, path[(path.TrimEnd('/').LastIndexOf('/') + 1)..].TrimEnd('/'), file.Attributes) with
            {
                IsLink = file.IsSymbolicLink,
                RealPath = file.FullName,
            };
        }
        catch (SftpPathNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (FileErrors.Concerns(e))
        {
            throw FileErrors.Explain(e, _connection.Target.Name, path, writing: false);
        }
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<RemoteFile>> ListAsync(string path, CancellationToken cancellationToken) =>
        ReadingAsync<IReadOnlyList<RemoteFile>>(
            path,
            async () =>
            {
                var found = new List<RemoteFile>();
                await foreach (var file in Client.ListDirectoryAsync(path, cancellationToken))
                {
                    if (file.Name is "." or "..")
                        continue;

                    var full = $"{path.TrimEnd('/')}/{file.Name}";
                    found.Add(
                        file.IsSymbolicLink && await StatAsync(full, cancellationToken) is { } target
                            ? target with
                            {
                                IsLink = true,
                            }
                            : Describe(full, file.Name, file.Attributes) with
                            {
                                IsLink = file.IsSymbolicLink,
                            }
                    );
                }

                return found;
            }
        );

    /// <inheritdoc/>
    public Task CreateDirectoryAsync(string path, CancellationToken cancellationToken) =>
        WritingAsync(
            path,
            async () =>
            {
                // SSH.NET cannot pass a mode with the request; the directory is empty until it has its own.
                await Client.CreateDirectoryAsync(path, cancellationToken);
                await Task.Run(() => Client.ChangePermissions(path, OwnerOnlyDirectory), cancellationToken);
            }
        );

    /// <inheritdoc/>
    public Task RenameAsync(string from, string to, CancellationToken cancellationToken) =>
        WritingAsync(to, () => Client.RenameFileAsync(from, to, cancellationToken));

    /// <inheritdoc/>
    public Task ReplaceAsync(string from, string to, CancellationToken cancellationToken) =>
        WritingAsync(to, () => Task.Run(() => Client.RenameFile(from, to, isPosix: true), cancellationToken));

    /// <inheritdoc/>
    public Task DeleteFileAsync(string path, CancellationToken cancellationToken) =>
        WritingAsync(path, () => Client.DeleteFileAsync(path, cancellationToken));

    /// <inheritdoc/>
    public Task DeleteDirectoryAsync(string path, CancellationToken cancellationToken) =>
        WritingAsync(path, () => Client.DeleteDirectoryAsync(path, cancellationToken));

    /// <inheritdoc/>
    public Task<Stream> OpenReadAsync(string path, long offset, CancellationToken cancellationToken) =>
        ReadingAsync<Stream>(
            path,
            async () =>
            {
                // Reads ahead by itself, up to a hundred requests.
                var stream = await Client.OpenAsync(path, FileMode.Open, FileAccess.Read, cancellationToken);
                stream.Seek(offset, SeekOrigin.Begin);
                return new RemoteReadStream(stream, _connection.Target.Name, path);
            }
        );

    /// <inheritdoc/>
    public Task WriteAsync(string path, Stream source, long offset, IProgress<long>? progress, CancellationToken cancellationToken) =>
        WritingAsync(
            path,
            async () =>
            {
                if (offset == 0)
                {
                    await WriteWholeAsync(path, source, progress, cancellationToken);
                    return;
                }

                await using var writer = await PipelinedWriter.OpenAsync(Client, path, offset, cancellationToken);
                await writer.CopyAsync(source, progress, cancellationToken);
            }
        );

    /// <inheritdoc/>
    public async Task<long?> FreeBytesAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            var status = await Client.GetStatusAsync(path, cancellationToken);
            return (long)UInt128.Min(long.MaxValue, (UInt128)status.AvailableBlocks * status.BlockSize);
        }
        catch (NotSupportedException)
        {
            return null;
        }
        catch (Exception e) when (FileErrors.Concerns(e))
        {
            throw FileErrors.Explain(e, _connection.Target.Name, path, writing: false);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private static RemoteFile Describe(string path, string name, SftpFileAttributes attributes) =>
        new(path, name, attributes.IsDirectory, attributes.Size, FileModes.Of(attributes), attributes.LastWriteTimeUtc);

    // From the beginning on SSH.NET's own upload serves: one handle, and as many requests in flight as the server's window takes.
    private async Task WriteWholeAsync(string path, Stream source, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        // It has its mode before it has content.
        await using (await Client.OpenAsync(path, FileMode.OpenOrCreate, FileAccess.Write, cancellationToken))
            await Task.Run(() => Client.ChangePermissions(path, OwnerOnlyFile), cancellationToken);

        var report = progress is null ? null : new UploadProgress(progress);
        await Client.UploadFileAsync(source, path, canOverride: true, report, cancellationToken);
    }

    private async Task<T> ReadingAsync<T>(string path, Func<Task<T>> read)
    {
        try
        {
            return await read();
        }
        catch (Exception e) when (FileErrors.Concerns(e))
        {
            throw FileErrors.Explain(e, _connection.Target.Name, path, writing: false);
        }
    }

    private async Task WritingAsync(string path, Func<Task> write)
    {
        try
        {
            await write();
        }
        catch (Exception e) when (FileErrors.Concerns(e))
        {
            throw FileErrors.Explain(e, _connection.Target.Name, path, writing: true);
        }
    }

    private sealed class UploadProgress(IProgress<long> progress) : IProgress<UploadFileProgressReport>
    {
        public void Report(UploadFileProgressReport value) => progress.Report((long)value.TotalBytesUploaded);
    }
}
