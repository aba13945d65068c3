using System.Text;

namespace EtcdDr.Engine.Snapshots.Mounting;

/// <summary>
/// The directory of a mount's kubeconfig on this machine: mode 0700, below the directory for temporary files, removed with the mount.
/// Whoever holds its lock is alive; what a killed session left is removed by the next mount.
/// </summary>
internal sealed class MountDirectory : IDisposable
{
    private const string Prefix = "etcddr-mount-";
    private const string LockFile = "lock";

    // A directory without its lock is in the making, or its maker was killed in that moment.
    private static readonly TimeSpan Making = TimeSpan.FromMinutes(1);

    private readonly FileStream _lock;
    private readonly string _path;

    private MountDirectory(string path)
    {
        _path = path;
        _lock = new FileStream(Path.Combine(path, LockFile), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
        AppDomain.CurrentDomain.ProcessExit += OnExit;
    }

    /// <summary>The kubeconfig.</summary>
    internal string Kubeconfig => Path.Combine(_path, "kubeconfig");

    /// <summary>Removes what killed sessions of this account left, then makes one.</summary>
    internal static MountDirectory Create()
    {
        foreach (var directory in Directory.EnumerateDirectories(Path.GetTempPath(), Prefix + "*"))
        {
            RemoveDead(directory);
        }

        return new MountDirectory(Directory.CreateTempSubdirectory(Prefix).FullName);
    }

    /// <summary>Writes the kubeconfig, mode 0600.</summary>
    internal void Write(string text)
    {
        using var file = PosixFiles.OpenWrite(Kubeconfig, FileMode.CreateNew);
        file.Write(Encoding.UTF8.GetBytes(text));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnExit;
        if (Directory.Exists(_path))
        {
            Directory.Delete(_path, recursive: true);
        }

        _lock.Dispose();
    }

    private static void RemoveDead(string directory)
    {
        try
        {
            var mark = Path.Combine(directory, LockFile);
            if (!File.Exists(mark))
            {
                if (DateTime.UtcNow - Directory.GetLastWriteTimeUtc(directory) > Making)
                {
                    Directory.Delete(directory, recursive: true);
                }

                return;
            }

            using var held = new FileStream(mark, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            Directory.Delete(directory, recursive: true);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // A session that is alive, or one of another account.
            return;
        }
    }

    private void OnExit(object? sender, EventArgs e) => Dispose();
}
