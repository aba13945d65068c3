using EtcdDr.Tests.Package;

namespace EtcdDr.Tests;

/// <summary>Where the repository and what was built from it lie.</summary>
internal static class Repository
{
    /// <summary>The directory that holds EtcdDr.sln.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The module that the build staged.</summary>
    public static string StagedModule { get; } = Path.Combine(Root, "out", "EtcdDr");

    /// <summary>The module under test: the one that <c>ETCDDR_MODULE</c> names, else what is packed from the staged one,
    /// unpacked.</summary>
    public static string Module =>
        Environment.GetEnvironmentVariable("ETCDDR_MODULE") is { Length: > 0 } named ? Path.GetFullPath(named) : PackagedModule.Unpacked;

    private static string FindRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "EtcdDr.sln")))
            directory = directory.Parent;

        return directory?.FullName
            ?? throw new InvalidOperationException($"EtcdDr.sln is in no directory above {AppContext.BaseDirectory}.");
    }
}
