using System.Collections.Concurrent;
using System.Diagnostics;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Ssh;
using EtcdDr.Engine.Transfer;

namespace EtcdDr.Tests.Snapshots;

/// <summary>
/// A host that is a directory of this machine: real scripts in a real shell, files below one root, and faults on order. It stands for an
/// SSH host where the protocol is not what is tested.
/// </summary>
internal sealed class DirectoryHost(string name, string root) : IRemoteHost, IRemoteFiles, IRemoteHostFactory
{
    public string Name => name;

    public string Address => name;

    /// <summary>Whether commands can be run; false stands for an SFTP-only account.</summary>
    public bool HasShell { get; set; } = true;

    /// <summary>The connection breaks after so many bytes have been written.</summary>
    public long? CutAfter { get; set; }

    /// <summary>Position of a written byte that is flipped on its way, once.</summary>
    public long? FlipAt { get; set; }

    /// <summary>Somebody else makes each directory just before it is asked for, which an SFTP server answers with a bare
    /// "Failure".</summary>
    public bool OthersAreFirst { get; set; }

    public long? FreeBytes { get; set; } = long.MaxValue;

    public long Written { get; private set; }

    public ConcurrentQueue<string> Commands { get; } = new();

    /// <summary>Told the name of each command, as a log of commands is.</summary>
    public Action<string>? Ran { get; set; }

    public Task<IRemoteHost> ConnectAsync(
        string name,
        string address,
        SshSettings settings,
        OperationContext context,
        CancellationToken cancellationToken
    ) => Task.FromResult<IRemoteHost>(this);

    public Task<IRemoteFiles> OpenFilesAsync(CancellationToken cancellationToken) => Task.FromResult<IRemoteFiles>(this);

    public Task<IForwardedPort> ForwardAsync(string remoteAddress, int remotePort, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    public async Task<CommandResult> RunAsync(
        RemoteCommand command,
        CancellationToken cancellationToken,
        ReadOnlyMemory<byte> standardInput = default
    )
    {
        using var output = new MemoryStream();
        using var input = new MemoryStream(standardInput.ToArray());
        var (status, error) = await ShellAsync(command, input, output, cancellationToken);
        return new CommandResult(status, output.ToArray(), error);
    }

    public async Task<CommandResult> ReadAsync(RemoteCommand command, Stream destination, CancellationToken cancellationToken)
    {
        var (status, error) = await ShellAsync(command, Stream.Null, destination, cancellationToken);
        return new CommandResult(status, default, error);
    }

    public async Task<CommandResult> WriteAsync(RemoteCommand command, Stream source, CancellationToken cancellationToken)
    {
        using var output = new MemoryStream();
        await using var wire = new FaultyStream(this, source);
        var (status, error) = await ShellAsync(command, wire, output, cancellationToken);
        return new CommandResult(status, output.ToArray(), error);
    }

    public Task<RemoteFile?> StatAsync(string path, CancellationToken cancellationToken) => Task.FromResult(Stat(path));

    public Task<IReadOnlyList<RemoteFile>> ListAsync(string path, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(Real(path)))
        {
            throw new EtcdDrException(
                "RemoteFileNotFound",
                EtcdDrErrorCategory.ObjectNotFound,
                $"'{name}:{path}' does not exist.",
                "Check the path.",
                path
            );
        }

        return Task.FromResult<IReadOnlyList<RemoteFile>>(
            Directory.GetFileSystemEntries(Real(path)).Select(p => Stat($"{path.TrimEnd('/')}/{Path.GetFileName(p)}")!).ToList()
        );
    }

    public Task CreateDirectoryAsync(string path, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Real(path), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return OthersAreFirst
            ? throw new EtcdDrException(
                "SnapshotWriteFailed",
                EtcdDrErrorCategory.WriteError,
                $"Writing {path} failed: Failure",
                "Look at the host.",
                path
            )
            : Task.CompletedTask;
    }

    public Task RenameAsync(string from, string to, CancellationToken cancellationToken)
    {
        if (Directory.Exists(Real(from)))
        {
            Directory.Move(Real(from), Real(to));
        }
        else
        {
            File.Move(Real(from), Real(to));
        }

        return Task.CompletedTask;
    }

    public Task ReplaceAsync(string from, string to, CancellationToken cancellationToken)
    {
        File.Move(Real(from), Real(to), overwrite: true);
        return Task.CompletedTask;
    }

    public Task DeleteFileAsync(string path, CancellationToken cancellationToken)
    {
        File.Delete(Real(path));
        return Task.CompletedTask;
    }

    public Task DeleteDirectoryAsync(string path, CancellationToken cancellationToken)
    {
        Directory.Delete(Real(path));
        return Task.CompletedTask;
    }

    public Task<Stream> OpenReadAsync(string path, long offset, CancellationToken cancellationToken)
    {
        if (!File.Exists(Real(path)))
        {
            throw new EtcdDrException(
                "RemotePathNotFound",
                EtcdDrErrorCategory.ObjectNotFound,
                $"'{name}:{path}' does not exist.",
                "Check the path.",
                path
            );
        }

        Stream file = File.OpenRead(Real(path));
        file.Position = offset;
        return Task.FromResult(file);
    }

    public async Task WriteAsync(string path, Stream source, long offset, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(
            Real(path),
            new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.Write,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            }
        );
        file.Position = offset;
        await using var wire = new FaultyStream(this, source) { Offset = offset };
        await wire.CopyToAsync(file, cancellationToken);
        progress?.Report(file.Position);
    }

    public Task<long?> FreeBytesAsync(string path, CancellationToken cancellationToken) => Task.FromResult(FreeBytes);

    private string Real(string path) => root + path;

    private RemoteFile? Stat(string path)
    {
        var info = new FileInfo(Real(path));
        if ((int)info.Attributes == -1)
        {
            return null;
        }

        var directory = info.Attributes.HasFlag(FileAttributes.Directory);
        return new RemoteFile(path, info.Name, directory, directory ? 4096 : info.Length, info.UnixFileMode, info.LastWriteTimeUtc)
        {
            IsLink = info.LinkTarget is not null,
        };
    }

    private async Task<(int Status, string Error)> ShellAsync(
        RemoteCommand command,
        Stream input,
        Stream output,
        CancellationToken cancellationToken
    )
    {
        Assert.False(command.AsRoot);
        Commands.Enqueue(command.Name);
        Ran?.Invoke(command.Name);
        if (!HasShell)
        {
            throw Failed(command, "This service allows sftp connections only.");
        }

        var start = new ProcessStartInfo("sh")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in (string[])["-c", command.Script, "sh", .. command.Arguments.Select(a => a.StartsWith('/') ? Real(a) : a)])
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        var reading = process.StandardOutput.BaseStream.CopyToAsync(output, cancellationToken);
        var complaining = process.StandardError.ReadToEndAsync(cancellationToken);
        try
        {
            await input.CopyToAsync(process.StandardInput.BaseStream, cancellationToken);
        }
        finally
        {
            process.StandardInput.Close();
            await reading;
            await process.WaitForExitAsync(cancellationToken);
        }

        var error = await complaining;
        return process.ExitCode == 0 || command.AcceptedStatuses.Contains(process.ExitCode)
            ? (process.ExitCode, error)
            : throw Failed(command, error);
    }

    private EtcdDrException Failed(RemoteCommand command, string error) =>
        new("RemoteCommandFailed", EtcdDrErrorCategory.NotSpecified, $"'{command.Name}' failed on '{name}': {error}", "Look there.", name);

    /// <summary>What is on its way to the host: the connection breaks, or a byte changes, where the host was told so.</summary>
    private sealed class FaultyStream(DirectoryHost host, Stream source) : ReadingStream
    {
        private const int Piece = 65536;

        /// <summary>Position in the file of the first byte.</summary>
        public long Offset { get; set; }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = await source.ReadAsync(buffer[..Math.Min(buffer.Length, Piece)], cancellationToken);
            if (host.CutAfter is { } limit && host.Written + count > limit)
            {
                throw new EtcdDrException(
                    "ConnectionLost",
                    EtcdDrErrorCategory.ConnectionError,
                    $"The connection to '{host.Name}' broke.",
                    "Run it again.",
                    host.Name
                );
            }

            if (host.FlipAt is { } flip && flip >= Offset && flip < Offset + count)
            {
                buffer.Span[(int)(flip - Offset)] ^= 1;
                host.FlipAt = null;
            }

            host.Written += count;
            Offset += count;
            return count;
        }
    }
}
