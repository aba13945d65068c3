using EtcdDr.Engine.Ssh;

namespace EtcdDr.Tests.Fakes;

/// <summary>Files of this machine in place of an SFTP session.</summary>
internal sealed class LocalFiles : IRemoteFiles
{
    public Task<RemoteFile?> StatAsync(string path, CancellationToken cancellationToken)
    {
        FileSystemInfo info = Directory.Exists(path) ? new DirectoryInfo(path) : new FileInfo(path);
        return Task.FromResult(info.Exists ? Describe(info) : null);
    }

    public Task<IReadOnlyList<RemoteFile>> ListAsync(string path, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<RemoteFile>>([.. new DirectoryInfo(path).EnumerateFileSystemInfos().Select(i => Describe(i)!)]);

    public Task CreateDirectoryAsync(string path, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return Task.CompletedTask;
    }

    public Task RenameAsync(string from, string to, CancellationToken cancellationToken)
    {
        if (Directory.Exists(from))
        {
            Directory.Move(from, to);
        }
        else
        {
            File.Move(from, to);
        }

        return Task.CompletedTask;
    }

    public Task ReplaceAsync(string from, string to, CancellationToken cancellationToken)
    {
        File.Move(from, to, overwrite: true);
        return Task.CompletedTask;
    }

    public Task DeleteFileAsync(string path, CancellationToken cancellationToken)
    {
        File.Delete(path);
        return Task.CompletedTask;
    }

    public Task DeleteDirectoryAsync(string path, CancellationToken cancellationToken)
    {
        Directory.Delete(path);
        return Task.CompletedTask;
    }

    public Task<Stream> OpenReadAsync(string path, long offset, CancellationToken cancellationToken)
    {
        var stream = File.OpenRead(path);
        stream.Position = offset;
        return Task.FromResult<Stream>(stream);
    }

    public async Task WriteAsync(string path, Stream source, long offset, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        await using var stream = new FileStream(
            path,
            new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.Write,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            }
        );
        stream.SetLength(offset);
        stream.Position = offset;
        var buffer = new byte[81920];
        int read;
        while ((read = await source.ReadAsync(buffer, cancellationToken)) > 0)
        {
            await stream.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            progress?.Report(stream.Position);
        }
    }

    public Task<long?> FreeBytesAsync(string path, CancellationToken cancellationToken) =>
        Task.FromResult<long?>(new DriveInfo(path).AvailableFreeSpace);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static RemoteFile? Describe(FileSystemInfo info) =>
        new(
            info.FullName,
            info.Name,
            info is DirectoryInfo,
            info is FileInfo file ? file.Length : 0,
            info.UnixFileMode,
            info.LastWriteTimeUtc
        );
}
