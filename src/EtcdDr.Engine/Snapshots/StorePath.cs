namespace EtcdDr.Engine.Snapshots;

/// <summary>Paths inside a store: relative, forward slashes, no way out.</summary>
public static class StorePath
{
    private static readonly System.Buffers.SearchValues<char> Forbidden = System.Buffers.SearchValues.Create("\\\0\r\n");

    /// <summary>Whether a path can only name something inside the store that it is used with.</summary>
    public static bool IsSafe(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (path.Length == 0)
        {
            return true;
        }

        return path.Length <= 4096
            && path.AsSpan().IndexOfAny(Forbidden) < 0
            && path.Split('/').All(part => part.Length is > 0 and <= 255 && part is not ("." or ".."));
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
        return directory.Length == 0 ? name : name.Length == 0 ? directory : $"{directory}/{name}";
    }

    /// <summary>The directory that holds a path; empty for the store itself.</summary>
    public static string Parent(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        var slash = path.LastIndexOf('/');
        return slash < 0 ? string.Empty : path[..slash];
    }

    /// <summary>The error for a path that leads out of a store.</summary>
    internal static EtcdDrException Outside(string path, string place) => new(
        "PathOutsideStore",
        EtcdDrErrorCategory.SecurityError,
        Errors.PathOutsideStore.With(Printable(path), place),
        Errors.PathOutsideStore_Action,
        path);

    private static string Printable(string path) => string.Concat(path.Take(200).Select(c => char.IsControl(c) ? '?' : c));
}
