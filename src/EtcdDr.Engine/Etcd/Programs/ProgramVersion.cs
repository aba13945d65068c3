using System.Text.RegularExpressions;

namespace EtcdDr.Engine.Etcd.Programs;

/// <summary>Finds a program's version without running it.</summary>
internal static partial class ProgramVersion
{
    /// <summary>
    /// The version that the signs of <see cref="ProgramCommands.Look"/> tell: the module lines of a Go program's build information
    /// (debug/buildinfo), else the package that owns the file, else what it said of itself in a jail.
    /// </summary>
    /// <param name="signs">Lines <c>mod|dep MODULE VERSION</c>, <c>package VERSION</c> or <c>asked VERSION</c>, parted by tabs.</param>
    /// <returns>For example 3.5.16; null where nothing tells it.</returns>
    public static string? Read(string signs)
    {
        var lines = signs.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split('\t')).ToList();
        return Of(lines, "mod", 2) ?? Api(lines) ?? Of(lines, "package", 1) ?? Of(lines, "asked", 1);
    }

    /// <summary>The version of one of etcd's image's programs: what the file says, else the image's tag.</summary>
    public static string? OfImage(string signs, string image) => Read(signs) ?? EtcdVersions.OfImage(image);

    // A release is built out of its own tree, where the main module has no version; the modules beside it are required in the release's
    // version.
    private static string? Api(IEnumerable<string[]> lines) =>
        lines
            .Where(l => l is ["dep", "go.etcd.io/etcd/api/v3", ..])
            .Select(l => Number(l.ElementAtOrDefault(2)))
            .FirstOrDefault(v => v is not null);

    private static string? Of(IEnumerable<string[]> lines, string kind, int place) =>
        lines.Where(l => l[0] == kind).Select(l => Number(l.ElementAtOrDefault(place))).FirstOrDefault(v => v is not null);

    // A pseudo-version, such as v0.0.0-20260101000000-0123456789ab, is none.
    private static string? Number(string? text) =>
        text is not null && VersionNumber().Match(text) is { Success: true } match && match.Groups[1].Value != "0.0.0"
            ? match.Groups[1].Value
            : null;

    [GeneratedRegex(@"^(?:\d+:)?v?(\d+\.\d+\.\d+)")]
    private static partial Regex VersionNumber();
}
