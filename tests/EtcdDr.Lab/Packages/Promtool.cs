namespace EtcdDr.Lab.Packages;

/// <summary>Prometheus' promtool out of Debian's package, unpacked into the lab's cache and never installed, so that no service and no user
/// come with it.</summary>
public static class Promtool
{
    private const string Suite = "bookworm";

    /// <summary>Why this machine can have none; null if it can.</summary>
    public static string? Obstacle() =>
        File.Exists("/usr/bin/apt-get") ? null : "promtool is taken from Debian's package prometheus, and there is no apt-get here.";

    /// <summary>Its path. Downloads it the first time.</summary>
    /// <param name="say">Told what is downloaded.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<string> GetAsync(Action<string> say, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(say);
        var target = Path.Combine(LabCache.Directory, "promtool");
        using var alone = await LabCache.LockAsync(cancellationToken);
        if (!File.Exists(target))
        {
            say($"Downloading promtool of Debian {Suite} to {target} ...");
            await DownloadAsync(target, cancellationToken);
        }

        return target;
    }

    private static async Task DownloadAsync(string target, CancellationToken cancellationToken)
    {
        var work = Path.Combine(LabCache.Directory, "fetching-promtool");
        try
        {
            var unpacked = Directory.CreateDirectory(Path.Combine(work, "unpacked")).FullName;
            await new DebianSuite(Suite, Path.Combine(work, "apt")).UnpackAsync(unpacked, ["prometheus"], cancellationToken);
            File.Move(Path.Combine(unpacked, "usr/bin/promtool"), target);
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }
}
