using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Bench.Fuzzing;

/// <summary>An SFTP server that may say anything: names that lead elsewhere, one name twice, sizes out of range, directories without end,
/// files that change between two looks.</summary>
internal sealed class HostileHost(Random random, IReadOnlyDictionary<string, byte[]> files) : IRemoteHost, IRemoteFiles, IRemoteHostFactory
{
    private static readonly string[] Names =
    [
        "..",
        ".",
        "",
        "/",
        "../x",
        "a/b",
        "a\\b",
        "c:x",
        "nul",
        "\u001b[2J",
        "a\nb",
        "\0",
        "snapshot.json",
        "mnode.log",
        "etcd-snapshot.db",
        "x.db",
        "keys",
        "etcd_snapshot_2026-11-22_23-53-31",
        "etcd_snapshot_2026-11-22_23-53-32\u0007",
        ".etcd_snapshot_2026-11-22_23-53-31.partial",
        "restore_attempted_x",
        new('a', 300),
    ];

    private static readonly long[] Sizes = [-1, long.MinValue, long.MaxValue, long.MaxValue / 2, 0, 1, 20];

    private int _asked;

    public string Name => "hostile";

    public string Address => "hostile";

    public Task<IRemoteHost> ConnectAsync(
        string name,
        string address,
        SshSettings settings,
        OperationContext context,
        CancellationToken cancellationToken
    ) => Task.FromResult<IRemoteHost>(this);

    public Task<IRemoteFiles> OpenFilesAsync(CancellationToken cancellationToken) => Task.FromResult<IRemoteFiles>(this);

    public Task<RemoteFile?> StatAsync(string path, CancellationToken cancellationToken) =>
        Task.FromResult(
            IsDirectory(path) ? Entry(path, directory: true)
            : files.TryGetValue(path, out var content) ? Entry(path, directory: false, content.Length)
            : null
        );

    public Task<IReadOnlyList<RemoteFile>> ListAsync(string path, CancellationToken cancellationToken)
    {
        var below = path.TrimEnd('/') + "/";
        var found = files
            .Where(f => f.Key.StartsWith(below, StringComparison.Ordinal))
            .Select(f => f.Key[below.Length..])
            .Select(rest =>
                rest.Contains('/', StringComparison.Ordinal)
                    ? Entry(below + rest[..rest.IndexOf('/', StringComparison.Ordinal)], true)
                    : Entry(below + rest, false, files[below + rest].Length)
            )
            .DistinctBy(e => e.Name)
            .ToList();
        for (var times = _asked++ > 200 ? 0 : random.Next(4); times > 0; times--)
        {
            Spoil(found, below);
        }

        return Task.FromResult<IReadOnlyList<RemoteFile>>(found);
    }

    public Task<Stream> OpenReadAsync(string path, long offset, CancellationToken cancellationToken)
    {
        if (!files.TryGetValue(path, out var content))
        {
            throw new EtcdDrException(
                "RemoteFileNotFound",
                EtcdDrErrorCategory.ObjectNotFound,
                $"'{path}' does not exist.",
                "Check the path.",
                path
            );
        }

        var given = random.Next(6) == 0 ? Mutation.Apply(content, random, 64) : content;
        return Task.FromResult<Stream>(new MemoryStream(given, writable: false) { Position = Math.Min(offset, given.Length) });
    }

    public Task<CommandResult> RunAsync(
        RemoteCommand command,
        CancellationToken cancellationToken,
        ReadOnlyMemory<byte> standardInput = default
    ) => throw NoShell();

    public Task<CommandResult> ReadAsync(RemoteCommand command, Stream destination, CancellationToken cancellationToken) => throw NoShell();

    public Task<CommandResult> WriteAsync(RemoteCommand command, Stream source, CancellationToken cancellationToken) => throw NoShell();

    public Task<IForwardedPort> ForwardAsync(string remoteAddress, int remotePort, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task CreateDirectoryAsync(string path, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task RenameAsync(string from, string to, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task ReplaceAsync(string from, string to, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task DeleteFileAsync(string path, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task DeleteDirectoryAsync(string path, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task WriteAsync(string path, Stream source, long offset, IProgress<long>? progress, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<long?> FreeBytesAsync(string path, CancellationToken cancellationToken) => Task.FromResult<long?>(null);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static EtcdDrException NoShell() =>
        new(
            "RemoteCommandFailed",
            EtcdDrErrorCategory.NotSpecified,
            "This service allows sftp connections only.",
            "Look there.",
            "hostile"
        );

    private static RemoteFile Entry(string path, bool directory, long size = 0) =>
        new(path, path[(path.LastIndexOf('/') + 1)..], directory, size, UnixFileMode.UserRead, DateTime.UnixEpoch);

    private bool IsDirectory(string path) =>
        path == "/backups" || files.Keys.Any(f => f.StartsWith(path.TrimEnd('/') + "/", StringComparison.Ordinal));

    private void Spoil(List<RemoteFile> found, string below)
    {
        var name = random.Next(3) == 0 && found.Count > 0 ? found[random.Next(found.Count)].Name : Names[random.Next(Names.Length)];
        switch (random.Next(4))
        {
            case 0 when found.Count > 0:
                found.RemoveAt(random.Next(found.Count));
                break;
            case 1 when found.Count > 0:
                var at = random.Next(found.Count);
                found[at] = found[at] with { Size = Sizes[random.Next(Sizes.Length)], IsLink = random.Next(4) == 0 };
                break;
            default:
                var added = Entry(below + "x", random.Next(2) == 0, Sizes[random.Next(Sizes.Length)]);
                found.Add(
                    added with
                    {
                        Name = name,
                        Path = below + name,
                        Modified = random.Next(2) == 0 ? DateTime.MinValue : DateTime.MaxValue,
                    }
                );
                break;
        }
    }
}
