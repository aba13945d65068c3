using System.Diagnostics;

namespace EtcdDr.Tests.Etcd;

/// <summary>Debian's etcd, installed if it is missing and this is root.</summary>
internal static class EtcdPackages
{
    private static readonly Lazy<string> Server = new(Find);

    /// <summary>Path of the etcd server.</summary>
    public static string EtcdPath => Server.Value;

    private static string Find()
    {
        if (!File.Exists("/usr/bin/etcd"))
        {
            Run("apt-get", "update", "-qq");
            Run("apt-get", "install", "-y", "-qq", "--no-install-recommends", "etcd-server", "etcd-client");
        }

        return "/usr/bin/etcd";
    }

    private static void Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true };
        start.Environment["DEBIAN_FRONTEND"] = "noninteractive";
        using var process = Process.Start(start)!;
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(
            process.ExitCode == 0,
            $"{program} {string.Join(' ', arguments)} failed: these tests need the Debian packages etcd-server and etcd-client."
        );
    }
}
