using System.Text.Json;
using System.Xml.Linq;

namespace EtcdDr.Packager;

/// <summary>Reads what NuGet resolved for the engine (<c>project.assets.json</c>) and what each package says of itself (its
/// <c>.nuspec</c>).</summary>
public sealed class DependencyReader
{
    private static readonly string[] NoticeWords = ["LICENSE", "LICENCE", "NOTICE", "THIRD-PARTY-NOTICES"];
    private readonly JsonElement _assets;
    private readonly IReadOnlyList<string> _folders;

    private DependencyReader(JsonElement assets)
    {
        _assets = assets;
        _folders = [.. assets.GetProperty("packageFolders").EnumerateObject().Select(f => f.Name)];
    }

    /// <summary>The packages that have assemblies to run, in order of their ids.</summary>
    public static IReadOnlyList<ShippedDependency> Read(string assetsPath)
    {
        if (!File.Exists(assetsPath))
            throw new PackagingException($"{assetsPath} is missing: restore the solution first.");

        using var document = JsonDocument.Parse(File.ReadAllBytes(assetsPath));
        var reader = new DependencyReader(document.RootElement);
        return [.. reader.Packages().OrderBy(p => p.Id, StringComparer.Ordinal)];
    }

    private IEnumerable<ShippedDependency> Packages()
    {
        var target = _assets.GetProperty("targets").EnumerateObject().First().Value;
        foreach (var package in target.EnumerateObject().Where(p => p.Value.GetProperty("type").GetString() == "package"))
        {
            var assemblies = Names(package.Value, "runtime")
                .Where(n => n.EndsWith(".dll", StringComparison.Ordinal))
                .Select(n => Path.GetFileName(n))
                .ToList();
            if (assemblies.Count > 0)
                yield return Describe(package.Name, assemblies, [.. Names(package.Value, "dependencies").Order(StringComparer.Ordinal)]);
        }
    }

    private static IEnumerable<string> Names(JsonElement package, string property) =>
        package.TryGetProperty(property, out var values) ? values.EnumerateObject().Select(v => v.Name) : [];

    private ShippedDependency Describe(string key, IReadOnlyList<string> assemblies, IReadOnlyList<string> needs)
    {
        var (id, version) = key.Split('/') is [var name, var number]
            ? (name, number)
            : throw new PackagingException($"'{key}' is no package id and version.");
        var library = _assets.GetProperty("libraries").GetProperty(key);
        var directory =
            _folders.Select(f => Path.Combine(f, library.GetProperty("path").GetString()!)).FirstOrDefault(Directory.Exists)
            ?? throw new PackagingException($"Package {key} is in none of NuGet's folders: restore the solution.");
        var nuspec = XDocument
            .Load(Directory.EnumerateFiles(directory, "*.nuspec").Single())
            .Root!.Elements()
            .Single(e => e.Name.LocalName == "metadata");
        string? Text(string element) => nuspec.Elements().FirstOrDefault(e => e.Name.LocalName == element)?.Value.Trim();
        var licence = nuspec.Elements().FirstOrDefault(e => e.Name.LocalName == "license");
        return new ShippedDependency
        {
            Id = id,
            Version = version,
            Sha512 = Convert.ToHexStringLower(Convert.FromBase64String(library.GetProperty("sha512").GetString()!)),
            Licence =
                licence?.Attribute("type")?.Value == "expression"
                    ? licence.Value
                    : throw new PackagingException(
                        $"Package {key} has no licence expression: look at its licence, then teach the packager about it."
                    ),
            Authors = Text("authors") ?? "",
            Copyright = Text("copyright"),
            ProjectUrl = Text("projectUrl"),
            RepositoryUrl = nuspec.Elements().FirstOrDefault(e => e.Name.LocalName == "repository")?.Attribute("url")?.Value,
            Assemblies = assemblies,
            Needs = needs,
            Notices = [.. Notices(directory)],
        };
    }

    private static IEnumerable<(string Name, string Text)> Notices(string directory) =>
        Directory
            .EnumerateFiles(directory)
            .Where(file => NoticeWords.Contains(Path.GetFileNameWithoutExtension(file), StringComparer.OrdinalIgnoreCase))
            .OrderBy(file => file, StringComparer.Ordinal)
            .Select(file => (Path.GetFileName(file), File.ReadAllText(file).ReplaceLineEndings("\n").Trim()));
}
