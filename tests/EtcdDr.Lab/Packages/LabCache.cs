namespace EtcdDr.Lab.Packages;

/// <summary>
/// Where the lab keeps what it downloaded, from one run to the next. It is a cache: safe to delete. <c>ETCDDR_LAB_CACHE</c> names another
/// place.
/// </summary>
internal static class LabCache
{
    public static string Directory { get; } =
        Environment.GetEnvironmentVariable("ETCDDR_LAB_CACHE")
        ?? (
            Environment.IsPrivilegedProcess
                ? "/var/cache/etcddr-lab"
                : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "etcddr-lab")
        );

    /// <summary>Keeps other processes from filling the cache at the same time; released when disposed, or when the process dies.</summary>
    public static async Task<IDisposable> LockAsync(CancellationToken cancellationToken)
    {
        System.IO.Directory.CreateDirectory(Directory);
        while (true)
        {
            try
            {
                return new FileStream(Path.Combine(Directory, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                // Another run of the lab fills the cache; flock has no event to wait for.
                await Task.Delay(200, cancellationToken);
            }
        }
    }
}
