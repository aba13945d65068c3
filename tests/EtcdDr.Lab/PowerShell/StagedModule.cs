using EtcdDr.Lab.Tools;

namespace EtcdDr.Lab.PowerShell;

/// <summary>The module that scripts of the lab import: the one that the build staged, or the one that <c>ETCDDR_MODULE</c> names.</summary>
public static class StagedModule
{
    /// <summary>The directory that holds EtcdDr.psd1.</summary>
    public static string Find()
    {
        if (Environment.GetEnvironmentVariable("ETCDDR_MODULE") is { Length: > 0 } named)
            return Checked(Path.GetFullPath(named));

        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "EtcdDr.sln")))
            directory = directory.Parent;

        return directory is null
            ? throw new LabException(
                $"EtcdDr.sln is in no directory above {AppContext.BaseDirectory}; name the module's directory in ETCDDR_MODULE."
            )
            : Checked(Path.Combine(directory.FullName, "out", "EtcdDr"));
    }

    private static string Checked(string directory) =>
        File.Exists(Path.Combine(directory, "EtcdDr.psd1"))
            ? directory
            : throw new LabException($"There is no EtcdDr.psd1 in {directory}; stage the module with: dotnet build EtcdDr.sln");
}
