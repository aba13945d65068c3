namespace EtcdDr.Tests;

/// <summary>Where the repository and what was built from it lie.</summary>
internal static class Repository
{
    /// <summary>The directory that holds EtcdDr.sln.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The staged module.</summary>
    public static string Module { get; } = Path.Combine(Root, "out", "EtcdDr");

    private static string FindRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "EtcdDr.sln")))
            directory = directory.Parent;

        return directory?.FullName ?? throw new InvalidOperationException($"EtcdDr.sln is in no directory above {AppContext.BaseDirectory}.");
    }
}
