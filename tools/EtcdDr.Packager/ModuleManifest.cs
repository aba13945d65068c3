using System.Collections;
using System.Management.Automation.Language;

namespace EtcdDr.Packager;

/// <summary>What the packages say of the module, from its <c>EtcdDr.psd1</c>, which is read and never run.</summary>
public sealed record ModuleManifest
{
    /// <summary>The module's name.</summary>
    public const string Name = "EtcdDr";

    public required string Version { get; init; }

    public required string Author { get; init; }

    public required string CompanyName { get; init; }

    public required string Copyright { get; init; }

    public required string Description { get; init; }

    public required IReadOnlyList<string> Cmdlets { get; init; }

    public required IReadOnlyList<string> Tags { get; init; }

    public required Uri ProjectUri { get; init; }

    public required Uri LicenseUri { get; init; }

    public required string ReleaseNotes { get; init; }

    /// <summary>Reads a manifest.</summary>
    public static ModuleManifest Read(string path)
    {
        var script = Parser.ParseFile(path, out _, out var errors);
        if (errors.Length > 0 || script.Find(a => a is HashtableAst, searchNestedScriptBlocks: false) is not HashtableAst table)
            throw new PackagingException($"{path} is no module manifest.");

        var values = (Hashtable)table.SafeGetValue();
        var data = (Hashtable)((Hashtable)Value(values, "PrivateData", path))["PSData"]!;
        string Text(string key) => (string)Value(values, key, path);
        return new ModuleManifest
        {
            Version = Text("ModuleVersion"),
            Author = Text("Author"),
            CompanyName = Text("CompanyName"),
            Copyright = Text("Copyright"),
            Description = Text("Description"),
            Cmdlets = Texts(Value(values, "CmdletsToExport", path)),
            Tags = Texts(Value(data, "Tags", path)),
            ProjectUri = new Uri((string)Value(data, "ProjectUri", path)),
            LicenseUri = new Uri((string)Value(data, "LicenseUri", path)),
            ReleaseNotes = (string)Value(data, "ReleaseNotes", path),
        };
    }

    private static object Value(Hashtable table, string key, string path) =>
        table[key] ?? throw new PackagingException($"{path} has no {key}.");

    private static IReadOnlyList<string> Texts(object value) => [.. ((IEnumerable)value).Cast<string>()];
}
