using EtcdDr.Engine.Trust;

namespace EtcdDr.Engine.Clusters.Profiles;

/// <summary>Finds the profile. It may name programs that are run and hosts that are given keys, so only one that nobody else could have
/// written counts.</summary>
public static class ProfileLocator
{
    /// <summary>Name of the environment variable that names a profile.</summary>
    public const string Variable = "ETCDDR_PROFILE";

    private const string FileName = "etcddr.yaml";

    /// <summary>
    /// The profile: the one that is named, else <c>$ETCDDR_PROFILE</c>, else the first that exists and counts (<see cref="FileTrust"/>) of
    /// <c>./etcddr.yaml</c>, <c>~/.config/etcddr/etcddr.yaml</c> (<c>$XDG_CONFIG_HOME</c> is heeded) and <c>/etc/etcddr/etcddr.yaml</c>.
    /// </summary>
    /// <param name="named">Absolute path of the one that is named; null to search.</param>
    /// <param name="currentDirectory">Where <c>./</c> is: PowerShell's location, which is not the process's.</param>
    /// <param name="warn">Is told of one that was found and does not count; null to pass over it in silence.</param>
    /// <exception cref="EtcdDrException">
    /// <c>ProfileNotFound</c>, listing where it was looked for; <c>FileNotTrusted</c> where the one that is named does not count.
    /// </exception>
    public static string Find(string? named, string currentDirectory, Action<string>? warn = null) =>
        Find(named, currentDirectory, Environment.GetEnvironmentVariable, warn, FileTrust.Doubt);

    /// <summary>The profile that would be used if it counted, and what led to it: <c>Parameter</c>, <c>Variable</c>,
    /// <c>CurrentDirectory</c>, <c>User</c> or <c>Machine</c>.</summary>
    /// <param name="named">Absolute path of the one that is named; null to search.</param>
    /// <param name="currentDirectory">Where <c>./</c> is.</param>
    /// <param name="counts">Whether one that does not count is passed over, as <see cref="Find(string?, string, Action{string}?)"/>
    /// does.</param>
    /// <param name="warn">Is told of one that was found and does not count.</param>
    /// <exception cref="EtcdDrException"><c>ProfileNotFound</c>, <c>FileNotTrusted</c>.</exception>
    public static (string Path, string Source) Locate(string? named, string currentDirectory, bool counts, Action<string>? warn = null)
    {
        var path = Find(named, currentDirectory, Environment.GetEnvironmentVariable, warn, counts ? FileTrust.Doubt : _ => null);
        var places = Candidates(currentDirectory, Environment.GetEnvironmentVariable).ToList();
        var source =
            !string.IsNullOrEmpty(named) ? "Parameter"
            : Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } ? "Variable"
            : places.IndexOf(path) switch
            {
                0 => "CurrentDirectory",
                1 => "User",
                _ => "Machine",
            };
        return (path, source);
    }

    /// <summary>Where a user's own profile is: <c>~/.config/etcddr/etcddr.yaml</c>, <c>$XDG_CONFIG_HOME</c> heeded.</summary>
    public static string UserPath => Candidates("/", Environment.GetEnvironmentVariable).ElementAt(1);

    internal static string Find(
        string? named,
        string currentDirectory,
        Func<string, string?> environment,
        Action<string>? warn,
        Func<string, FileDoubt?> doubt
    )
    {
        var single =
            !string.IsNullOrEmpty(named) ? named
            : environment(Variable) is { Length: > 0 } variable ? Expand(variable, currentDirectory)
            : null;
        if (single is not null)
        {
            return Named(single, doubt);
        }

        var candidates = Candidates(currentDirectory, environment).ToList();
        foreach (var candidate in candidates.Where(File.Exists))
        {
            if (doubt(candidate) is not { } found)
            {
                return candidate;
            }

            warn?.Invoke($"{found.Message} {found.Remedy}");
        }

        throw ProfileErrors.NotFound(candidates, named: false);
    }

    /// <summary>An absolute path: <c>~</c> and <c>~/</c> stand for the home directory, a relative path starts at
    /// <paramref name="directory"/>.</summary>
    internal static string Expand(string path, string directory)
    {
        if (path == "~" || path.StartsWith("~/", StringComparison.Ordinal))
        {
            return Path.GetFullPath(Path.Combine(Home, path[1..].TrimStart('/')));
        }

        return Path.GetFullPath(path, directory);
    }

    private static string Named(string path, Func<string, FileDoubt?> doubt)
    {
        if (!File.Exists(path))
        {
            throw ProfileErrors.NotFound([path], named: true);
        }

        return doubt(path) is { } found ? throw FileTrust.NotTrusted(path, found) : path;
    }

    private static string Home => Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

    private static IEnumerable<string> Candidates(string currentDirectory, Func<string, string?> environment)
    {
        yield return Path.Combine(currentDirectory, FileName);
        var configuration = environment("XDG_CONFIG_HOME") is { Length: > 0 } given ? given : Path.Combine(Home, ".config");
        yield return Path.Combine(configuration, "etcddr", FileName);
        yield return $"/etc/etcddr/{FileName}";
    }
}
