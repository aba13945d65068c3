namespace EtcdDr.Engine.Restore;

/// <summary>A program on a node that can restore a snapshot.</summary>
/// <param name="Path">Its path on the node.</param>
/// <param name="Version">Its version, for example 3.5.16.</param>
/// <param name="BumpsRevision">Whether it has <c>--bump-revision</c> (3.4.27, 3.5.10, 3.6 and later).</param>
internal sealed record RestoreTool(string Path, string Version, bool BumpsRevision)
{
    /// <summary>Major and minor version, for example 3.5.</summary>
    public string Minor => EtcdVersions.Minor(Version);

    /// <summary>Whether the tool is reached through a running process and so goes away with it.</summary>
    public bool IsInsideContainer => Path.StartsWith("/proc/", StringComparison.Ordinal);

    /// <summary>Reads the lines of <see cref="RestoreCommands.FindTools"/>.</summary>
    public static IReadOnlyList<RestoreTool> Parse(string text) => text
        .Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Select(line => line.Split('|'))
        .Where(parts => parts.Length == 3)
        .Select(parts => new RestoreTool(parts[0], parts[1], parts[2] == "bump"))
        .ToList();

    /// <summary>The first of the tools, in the order in which they were found, that fits an etcd of this minor version.</summary>
    public static RestoreTool? Choose(IEnumerable<RestoreTool> tools, string? minor) =>
        tools.FirstOrDefault(tool => minor is null || tool.Minor == minor);
}
