namespace EtcdDr.Engine.ControlPlane.Manifests;

/// <summary>Paths of a Linux node, whatever this machine runs.</summary>
internal static class UnixPath
{
    /// <summary>Resolves <c>.</c>, <c>..</c> and repeated slashes; the result is absolute and has no slash at its end (but for the
    /// root).</summary>
    public static string Normalize(string path)
    {
        var parts = new List<string>();
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part == ".." && parts.Count > 0)
            {
                parts.RemoveAt(parts.Count - 1);
            }
            else if (part is not ("." or ".."))
            {
                parts.Add(part);
            }
        }

        return "/" + string.Join('/', parts);
    }

    /// <summary>Whether a normalized path is a directory or lies below it.</summary>
    public static bool IsAtOrBelow(string path, string directory) =>
        directory == "/" || path == directory || (path.StartsWith(directory, StringComparison.Ordinal) && path[directory.Length] == '/');

    /// <summary>Joins a directory and the rest of a path, normalized.</summary>
    public static string Join(string directory, string rest) => Normalize($"{directory}/{rest}");

    /// <summary>The last part of a path.</summary>
    public static string Name(string path) => path[(path.LastIndexOf('/') + 1)..];
}
