namespace EtcdDr.Engine.Snapshots;

/// <summary>Paths inside a store: relative, forward slashes, no way out.</summary>
public static class StorePath
{
    private const int MaximumLength = 4096;
    private const int MaximumNameLength = 255;

    // What Windows takes for a device in any directory, whatever follows a dot (learn.microsoft.com, "Naming Files, Paths, and
    // Namespaces").
    private static readonly HashSet<string> Devices = new(StringComparer.OrdinalIgnoreCase)
    {
        "CON",
        "PRN",
        "AUX",
        "NUL",
        "CONIN$",
        "CONOUT$",
        "COM1",
        "COM2",
        "COM3",
        "COM4",
        "COM5",
        "COM6",
        "COM7",
        "COM8",
        "COM9",
        "COM\u00B9",
        "COM\u00B2",
        "COM\u00B3",
        "LPT1",
        "LPT2",
        "LPT3",
        "LPT4",
        "LPT5",
        "LPT6",
        "LPT7",
        "LPT8",
        "LPT9",
        "LPT\u00B9",
        "LPT\u00B2",
        "LPT\u00B3",
    };

    /// <summary>Whether a path can only name something inside the store that it is used with, and shows on a terminal as it is.</summary>
    public static bool IsSafe(string path) => IsSafe(path, OperatingSystem.IsWindows());

    /// <summary>The same for a machine of either kind: on Windows a colon names a drive or a stream, some names are devices, and a dot or
    /// space at the end is dropped.</summary>
    public static bool IsSafe(string path, bool windows)
    {
        ArgumentNullException.ThrowIfNull(path);
        return path.Length == 0 || (path.Length <= MaximumLength && path.Split('/').All(name => IsSafeName(name, windows)));
    }

    /// <summary>A name of one part, in which every character that is not safe anywhere is an underscore.</summary>
    public static string SafeName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var safe = string.Concat(name.Select(c => char.IsControl(c) || c is '/' or '\\' or ':' ? '_' : c)).TrimEnd('.', ' ');
        return IsSafeName(safe, windows: true) ? safe : $"_{safe}";
    }

    /// <summary>Returns the path, or throws <c>PathOutsideStore</c> if it is not safe.</summary>
    /// <param name="path">The path, from a manifest, an archive or a caller.</param>
    /// <param name="place">The store, for the message.</param>
    public static string Check(string path, string place) => IsSafe(path) ? path : throw Outside(path, place);

    /// <summary>Joins two paths of a store; either may be empty.</summary>
    public static string Combine(string directory, string name)
    {
        ArgumentNullException.ThrowIfNull(directory);
        ArgumentNullException.ThrowIfNull(name);
        return directory.Length == 0 ? name
            : name.Length == 0 ? directory
            : $"{directory}/{name}";
    }

    /// <summary>The directory that holds a path; empty for the store itself.</summary>
    public static string Parent(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        var slash = path.LastIndexOf('/');
        return slash < 0 ? string.Empty : path[..slash];
    }

    /// <summary>The error for a path that leads out of a store.</summary>
    internal static EtcdDrException Outside(string path, string place) =>
        new(
            "PathOutsideStore",
            EtcdDrErrorCategory.SecurityError,
            Errors.PathOutsideStore.With(Printable(path), place),
            Errors.PathOutsideStore_Action,
            path
        );

    /// <summary>Text of a place as people may be shown it: control characters would move a terminal's cursor, or colour what
    /// follows.</summary>
    internal static string Printable(string text) =>
        text.Any(char.IsControl) || text.Length > MaximumLength
            ? string.Concat(text.Take(MaximumLength).Select(c => char.IsControl(c) ? '?' : c))
            : text;

    private static bool IsSafeName(string name, bool windows) =>
        name.Length is > 0 and <= MaximumNameLength
        && name is not ("." or "..")
        && !name.Any(c => c == '\\' || char.IsControl(c))
        && !(windows && IsSpecialOnWindows(name));

    private static bool IsSpecialOnWindows(string name) =>
        name.Contains(':', StringComparison.Ordinal) || name[^1] is '.' or ' ' || Devices.Contains(name.Split('.')[0].TrimEnd(' '));
}
