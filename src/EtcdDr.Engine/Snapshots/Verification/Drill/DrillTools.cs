using System.Diagnostics;

namespace EtcdDr.Engine.Snapshots.Verification.Drill;

/// <summary>The programs that a drill on this machine runs: etcd, and etcdutl (or the etcdctl of versions that restore with it).</summary>
/// <param name="Server">Path of etcd.</param>
/// <param name="Restore">Path of etcdutl or etcdctl.</param>
internal sealed record DrillTools(string Server, string Restore)
{
    /// <summary>Finds them in a directory, or on PATH.</summary>
    /// <exception cref="EtcdDrException"><c>DrillToolMissing</c>.</exception>
    internal static DrillTools Find(string? directory)
    {
        var places = directory is null
            ? (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            : [Directory.Exists(directory) ? directory : Path.GetDirectoryName(directory) ?? directory];
        var server = Named(places, "etcd");
        var restore = Named(places, "etcdutl") ?? Named(places, "etcdctl");
        return server is not null && restore is not null
            ? new DrillTools(server, restore)
            : throw Missing(server is null ? "etcd" : Errors.DrillToolMissing_Restore_Part, directory);
    }

    /// <summary>How to start one: without the ETCD* settings of this session, which would apply to it.</summary>
    internal static ProcessStartInfo Start(string program, string directory, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = directory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in start.Environment.Keys.Where(n => n.StartsWith("ETCD", StringComparison.OrdinalIgnoreCase)).ToList())
        {
            start.Environment.Remove(name);
        }

        start.Environment["ETCDCTL_API"] = "3";
        return start;
    }

    private static string? Named(string[] places, string name)
    {
        var file = OperatingSystem.IsWindows() ? name + ".exe" : name;
        return places.Select(p => Path.Combine(p, file)).FirstOrDefault(File.Exists);
    }

    private static EtcdDrException Missing(string what, string? directory) =>
        new(
            "DrillToolMissing",
            EtcdDrErrorCategory.ObjectNotFound,
            directory is null ? Errors.DrillToolMissing.With(what) : Errors.DrillToolMissing_Directory.With(what, directory),
            Errors.DrillToolMissing_Action,
            directory
        );
}
