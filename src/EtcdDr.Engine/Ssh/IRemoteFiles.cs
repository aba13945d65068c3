namespace EtcdDr.Engine.Ssh;

/// <summary>Files of a remote host as its SSH user sees them, over SFTP.</summary>
public interface IRemoteFiles : IAsyncDisposable
{
    /// <summary>What stands at a path, or null if nothing does.</summary>
    Task<RemoteFile?> StatAsync(string path, CancellationToken cancellationToken);

    /// <summary>What a directory holds, without <c>.</c> and <c>..</c>.</summary>
    Task<IReadOnlyList<RemoteFile>> ListAsync(string path, CancellationToken cancellationToken);

    /// <summary>Makes a directory with mode 0700.</summary>
    Task CreateDirectoryAsync(string path, CancellationToken cancellationToken);

    /// <summary>Renames; fails if the target exists.</summary>
    Task RenameAsync(string from, string to, CancellationToken cancellationToken);

    /// <summary>Renames over an existing file in one step (posix-rename@openssh.com).</summary>
    Task ReplaceAsync(string from, string to, CancellationToken cancellationToken);

    /// <summary>Removes a file.</summary>
    Task DeleteFileAsync(string path, CancellationToken cancellationToken);

    /// <summary>Removes an empty directory.</summary>
    Task DeleteDirectoryAsync(string path, CancellationToken cancellationToken);

    /// <summary>Opens a file for reading, from an offset.</summary>
    Task<Stream> OpenReadAsync(string path, long offset, CancellationToken cancellationToken);

    /// <summary>
    /// Writes <paramref name="source"/> to a file with mode 0600 from <paramref name="offset"/> on, with as many requests in flight as the
    /// link takes.
    /// </summary>
    Task WriteAsync(string path, Stream source, long offset, IProgress<long>? progress, CancellationToken cancellationToken);

    /// <summary>Free bytes on the file system of a path, or null where the server cannot say (statvfs@openssh.com).</summary>
    Task<long?> FreeBytesAsync(string path, CancellationToken cancellationToken);
}
