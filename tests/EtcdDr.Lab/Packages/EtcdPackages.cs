using EtcdDr.Lab.Tools;

namespace EtcdDr.Lab.Packages;

/// <summary>
/// Real etcd of Debian, in two versions: 3.4.23 of bookworm (etcdctl restores, no revision bump) and 3.5.16 of trixie (etcdutl, bump flags;
/// runs on bookworm's C library). They are unpacked into a cache, never installed, so that no etcd service or user comes with them.
/// </summary>
public static class EtcdPackages
{
    private static readonly Dictionary<string, string> Suites = new() { ["3.4"] = "bookworm", ["3.5"] = "trixie" };
    private static readonly string[] Programs = ["etcd", "etcdctl", "etcdutl"];

    /// <summary>The minor versions that there are.</summary>
    public static IReadOnlyCollection<string> Versions => Suites.Keys;

    /// <summary>A directory that holds etcd, etcdctl and, from 3.5, etcdutl of a minor version. Downloads them the first time.</summary>
    /// <param name="version">3.4 or 3.5.</param>
    /// <param name="say">Told what is downloaded.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="LabException">There is no such version, or it cannot be downloaded.</exception>
    public static async Task<string> GetAsync(string version, Action<string>? say = null, CancellationToken cancellationToken = default)
    {
        if (!Suites.TryGetValue(version, out var suite))
        {
            throw new LabException($"There is no etcd '{version}' here; there are {string.Join(" and ", Versions)}.");
        }

        var target = Path.Combine(LabCache.Directory, $"etcd-{version}");
        if (Directory.Exists(target))
        {
            return target;
        }

        using var alone = await LabCache.LockAsync(cancellationToken);
        if (!Directory.Exists(target))
        {
            say?.Invoke($"Downloading etcd {version} of Debian {suite} to {target} ...");
            await DownloadAsync(suite, target, cancellationToken);
        }

        return target;
    }

    /// <summary>The full version of an etcd below <see cref="GetAsync"/>'s directory, such as 3.5.16.</summary>
    public static async Task<string> FullVersionAsync(string directory, CancellationToken cancellationToken = default)
    {
        var answer = await Tool.RunAsync(Path.Combine(directory, "etcd"), ["--version"], cancellationToken);
        return answer.Split('\n')[0].Split(':')[1].Trim();
    }

    private static async Task DownloadAsync(string suite, string target, CancellationToken cancellationToken)
    {
        var work = Path.Combine(LabCache.Directory, $"fetching-{suite}");
        DeleteIfThere(work);
        try
        {
            var unpacked = Directory.CreateDirectory(Path.Combine(work, "unpacked")).FullName;
            await new DebianSuite(suite, Path.Combine(work, "apt")).UnpackAsync(
                unpacked,
                ["etcd-server", "etcd-client"],
                cancellationToken
            );
            var ready = Directory.CreateDirectory(Path.Combine(work, "ready")).FullName;
            foreach (var program in Programs.Select(p => Path.Combine(unpacked, "usr/bin", p)).Where(File.Exists))
            {
                File.Move(program, Path.Combine(ready, Path.GetFileName(program)));
            }

            Directory.Move(ready, target);
        }
        finally
        {
            DeleteIfThere(work);
        }
    }

    private static void DeleteIfThere(string directory)
    {
        if (Directory.Exists(directory))
        {
            Directory.Delete(directory, recursive: true);
        }
    }
}
