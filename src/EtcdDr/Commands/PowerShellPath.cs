using System.Management.Automation;
using DriveNotFoundException = System.Management.Automation.DriveNotFoundException;

namespace EtcdDr.Commands;

/// <summary>Paths as users type them: relative to PowerShell's location, with <c>~</c>, on any drive that is a file system.</summary>
internal static class PowerShellPath
{
    /// <summary>The absolute path that a PowerShell path stands for. The file need not exist; wildcards are not expanded.</summary>
    public static string Resolve(SessionState session, string literalPath)
    {
        string path;
        ProviderInfo provider;
        try
        {
            path = session.Path.GetUnresolvedProviderPathFromPSPath(literalPath, out provider, out _);
        }
        catch (Exception failure) when (failure is DriveNotFoundException or ProviderNotFoundException or NotSupportedException)
        {
            throw NotAFile(literalPath, failure.Message, failure);
        }

        return provider.Name == "FileSystem" ? path : throw NotAFile(literalPath, $"it is on a drive of the provider {provider.Name}.", null);
    }

    private static EtcdDrException NotAFile(string literalPath, string reason, Exception? failure) => new(
        "PathNotFileSystem",
        EtcdDrErrorCategory.InvalidArgument,
        $"The path '{literalPath}' does not stand for a file or directory: {reason}",
        "Give a path of the file system, such as /backups or ./etcddr.yaml.",
        literalPath,
        failure);
}
