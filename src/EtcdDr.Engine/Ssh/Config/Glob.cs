namespace EtcdDr.Engine.Ssh.Config;

/// <summary>Finds files by a pattern as glob(3) does: wildcards in any part of the path, in order of their names.</summary>
internal static class Glob
{
    /// <summary>What is there; a pattern without wildcards finds that one path.</summary>
    /// <param name="pattern">An absolute path.</param>
    public static IReadOnlyList<string> Find(string pattern)
    {
        var root = Path.GetPathRoot(pattern)!;
        IEnumerable<string> found = [root];
        foreach (var name in pattern[root.Length..].Split(Separators, StringSplitOptions.RemoveEmptyEntries))
        {
            var part = new GlobPattern(name);
            found = found.SelectMany(directory => Step(directory, part)).ToList();
        }

        return [.. found.Order(StringComparer.Ordinal)];
    }

    // A backslash takes the meaning of a wildcard, except where it stands between directories.
    private static char[] Separators => OperatingSystem.IsWindows() ? ['/', '\\'] : ['/'];

    private static IEnumerable<string> Step(string directory, GlobPattern part)
    {
        if (part.HasWildcards)
            return Names(directory).Where(part.Matches).Select(name => Path.Combine(directory, name));

        var path = Path.Combine(directory, part.Name);
        return Path.Exists(path) ? [path] : [];
    }

    private static IEnumerable<string> Names(string directory)
    {
        try
        {
            return Directory.Exists(directory)
                ? [.. Directory.EnumerateFileSystemEntries(directory).Select(path => Path.GetFileName(path))]
                : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // As with glob(3) a directory that may not be read has nothing in it.
            return [];
        }
    }
}
