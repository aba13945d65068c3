using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.Snapshots.Places.Directories.Sftp;

/// <summary>
/// What stands below a directory of an SSH host: where a path is there, what it is called in messages, and whether it is what it seems. A
/// link below the directory is never followed; the directory itself may be reached by links, which is its owner's business.
/// </summary>
internal sealed class SftpTree(IRemoteHost host, IRemoteFiles files, string root)
{
    private string? _realRoot;

    /// <summary>The directory in words.</summary>
    public string DisplayName => $"{host.Name}:{root}";

    /// <summary>The directory that holds an absolute path.</summary>
    public static string Parent(string full)
    {
        var slash = full.LastIndexOf('/');
        return slash <= 0 ? "/" : full[..slash];
    }

    /// <summary>The absolute path on the host.</summary>
    public string Full(string path)
    {
        StorePath.Check(path, DisplayName);
        return Below(root, path);
    }

    /// <summary>What messages call a path.</summary>
    public string Place(string path) => path.Length == 0 ? DisplayName : $"{host.Name}:{(root == "/" ? string.Empty : root)}/{path}";

    /// <summary>What stands at a path, links not followed; null if nothing does.</summary>
    public async Task<SnapshotStoreEntry?> StatAsync(string path, CancellationToken cancellationToken)
    {
        var file = await files.StatAsync(Full(path), cancellationToken);
        if (file is null)
        {
            return null;
        }

        if (path.Length == 0)
        {
            _realRoot = file.RealPath;
            return Entry(path, file with { IsLink = false });
        }

        return Entry(path, file with { IsLink = file.IsLink || await LeadsElsewhereAsync(path, file, cancellationToken) });
    }

    /// <summary>What a directory holds. A server that names anything but what is in the directory, or one thing twice, is not
    /// believed.</summary>
    public async Task<IReadOnlyList<SnapshotStoreEntry>> ListDirectoryAsync(string path, CancellationToken cancellationToken)
    {
        var found = await files.ListAsync(Full(path), cancellationToken);
        return found
            .Where(f => f.Name.Length > 0 && f.Name is not ("." or "..") && !f.Name.Contains('/', StringComparison.Ordinal))
            .DistinctBy(f => f.Name, StringComparer.Ordinal)
            .Select(f => Entry(StorePath.Combine(path, f.Name), f))
            .OrderBy(e => e.Path, StringComparer.Ordinal)
            .ToList();
    }

    /// <summary>What stands at a path that is about to be read or written; a link is refused.</summary>
    public async Task<SnapshotStoreEntry?> RefuseLinkAsync(string path, CancellationToken cancellationToken)
    {
        var entry = await StatAsync(path, cancellationToken);
        return entry is { IsLink: true } ? throw StorePath.Outside(path, DisplayName) : entry;
    }

    private static SnapshotStoreEntry Entry(string path, RemoteFile file) =>
        file.IsLink
            ? new(path, IsDirectory: false, 0, Mode: null, file.Modified) { IsLink = true }
            : new(path, file.IsDirectory, file.IsDirectory ? 0 : file.Size, file.Mode, file.Modified);

    private static string Below(string above, string path) =>
        path.Length == 0 ? above
        : above == "/" ? $"/{path}"
        : $"{above}/{path}";

    /// <summary>Whether the last part of a path is a link; one on the way to it leads out of the directory and is refused.</summary>
    private async Task<bool> LeadsElsewhereAsync(string path, RemoteFile file, CancellationToken cancellationToken)
    {
        if (file.RealPath is not { } real)
        {
            return false;
        }

        _realRoot ??= (await files.StatAsync(root, cancellationToken))?.RealPath ?? root;
        if (real == Below(_realRoot, path))
        {
            return false;
        }

        var directory = StorePath.Parent(path);
        var holds = (await files.StatAsync(Full(directory), cancellationToken))?.RealPath;
        return holds is null || holds == Below(_realRoot, directory) ? true : throw StorePath.Outside(path, DisplayName);
    }
}
