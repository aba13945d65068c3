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

        return provider.Name == "FileSystem" ? path : throw NotAFile(literalPath, Errors.PathNotFileSystem_Provider_Part.With(provider.Name), null);
    }

    private static EtcdDrException NotAFile(string literalPath, string reason, Exception? failure) => new(
        "PathNotFileSystem",
        EtcdDrErrorCategory.InvalidArgument,
        Errors.PathNotFileSystem.With(literalPath, reason),
        Errors.PathNotFileSystem_Action,
        literalPath,
        failure);
}
