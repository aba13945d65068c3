using System.Management.Automation;
using DriveNotFoundException = System.Management.Automation.DriveNotFoundException;

namespace EtcdDr.Commands;

/// <summary>Paths as users type them: relative to PowerShell's location, with <c>~</c>, on any drive that is a file system.</summary>
internal static class PowerShellPath
{
    private const string FileSystem = "FileSystem";

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

        return OfFileSystem(literalPath, provider, path);
    }

    /// <summary>The absolute paths that a PowerShell path with wildcards fits, in the order of their names; one without wildcards stands
    /// for itself, whether it exists or not.</summary>
    /// <exception cref="EtcdDrException"><c>PathNotFileSystem</c>; <c>PathNotFound</c> where wildcards fit nothing.</exception>
    public static IReadOnlyList<string> Expand(SessionState session, string path)
    {
        if (!WildcardPattern.ContainsWildcardCharacters(path))
        {
            return [Resolve(session, WildcardPattern.Unescape(path))];
        }

        try
        {
            var found = session.Path.GetResolvedProviderPathFromPSPath(path, out var provider);
            _ = OfFileSystem(path, provider, path);
            return found.Count > 0 ? [.. found.Order(StringComparer.Ordinal)] : throw NoMatch(path);
        }
        catch (ItemNotFoundException)
        {
            throw NoMatch(path);
        }
        catch (Exception failure) when (failure is DriveNotFoundException or ProviderNotFoundException or NotSupportedException)
        {
            throw NotAFile(path, failure.Message, failure);
        }
    }

    /// <summary>The one absolute path that a PowerShell path with wildcards fits; one without wildcards stands for itself.</summary>
    /// <exception cref="EtcdDrException"><c>PathNotFileSystem</c>, <c>PathNotFound</c>, <c>PathAmbiguous</c>.</exception>
    public static string ExpandOne(SessionState session, string path)
    {
        var found = Expand(session, path);
        return found.Count == 1 ? found[0] : throw Ambiguous(path, found.Count);
    }

    /// <summary>Whether the session has a drive of this name.</summary>
    public static bool HasDrive(SessionState session, string name)
    {
        try
        {
            return session.Drive.Get(name) is not null;
        }
        catch (DriveNotFoundException)
        {
            return false;
        }
    }

    /// <summary>The error for wildcards that fit nothing.</summary>
    public static EtcdDrException NoMatch(string path) =>
        new("PathNotFound", EtcdDrErrorCategory.ObjectNotFound, Errors.PathNotFound.With(path), Errors.PathNotFound_Action, path);

    /// <summary>The error for wildcards that fit several where one is wanted.</summary>
    public static EtcdDrException Ambiguous(string path, int count) =>
        new(
            "PathAmbiguous",
            EtcdDrErrorCategory.InvalidArgument,
            Errors.PathAmbiguous.With(path, count),
            Errors.PathAmbiguous_Action,
            path
        );

    /// <summary>The error for wildcards in directories of another host.</summary>
    public static EtcdDrException RemoteWildcard(string path) =>
        new(
            "PathWildcardRemote",
            EtcdDrErrorCategory.InvalidArgument,
            Errors.PathWildcardRemote.With(path),
            Errors.PathWildcardRemote_Action,
            path
        );

    private static string OfFileSystem(string typed, ProviderInfo provider, string path) =>
        provider.Name == FileSystem ? path : throw NotAFile(typed, Errors.PathNotFileSystem_Provider_Part.With(provider.Name), null);

    private static EtcdDrException NotAFile(string literalPath, string reason, Exception? failure) =>
        new(
            "PathNotFileSystem",
            EtcdDrErrorCategory.InvalidArgument,
            Errors.PathNotFileSystem.With(literalPath, reason),
            Errors.PathNotFileSystem_Action,
            literalPath,
            failure
        );
}
