using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EtcdDr.Packager;

/// <summary>
/// Writes the software bill of materials, CycloneDX 1.6 as JSON. It has no time stamp, and its serial number is made from its contents, so
/// that the same package has the same bill.
/// </summary>
public static class CycloneDx
{
    private static readonly JsonSerializerOptions Written = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The whole document.</summary>
    /// <param name="manifest">The module.</param>
    /// <param name="files">Its files.</param>
    /// <param name="dependencies">The packages that some of the files come from.</param>
    public static string Write(ModuleManifest manifest, IReadOnlyList<PackageFile> files, IReadOnlyList<ShippedDependency> dependencies)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        ArgumentNullException.ThrowIfNull(files);
        ArgumentNullException.ThrowIfNull(dependencies);
        // One package may bring two assemblies of one name, one of them for Windows.
        var byName = files.Where(IsAssembly).ToLookup(f => Path.GetFileName(f.Path), StringComparer.Ordinal);
        var shipped = dependencies.Where(d => d.Assemblies.Any(byName.Contains)).ToList();
        var theirs = shipped.SelectMany(d => d.Assemblies).ToHashSet(StringComparer.Ordinal);
        var document = new JsonObject
        {
            ["bomFormat"] = "CycloneDX",
            ["specVersion"] = "1.6",
            ["serialNumber"] = "",
            ["version"] = 1,
            ["metadata"] = new JsonObject
            {
                ["component"] = Module(manifest, files.Where(f => !theirs.Contains(Path.GetFileName(f.Path)))),
            },
            ["components"] = Array(shipped.Select(d => Package(d, d.Assemblies.SelectMany(a => byName[a])))),
            ["dependencies"] = Array(Graph(manifest, shipped)),
        };
        document["serialNumber"] = SerialNumber(document.ToJsonString());
        return document.ToJsonString(Written) + "\n";
    }

    private static bool IsAssembly(PackageFile file) => file.Path.EndsWith(".dll", StringComparison.Ordinal);

    private static string Reference(ModuleManifest manifest) => $"{ModuleManifest.Name}@{manifest.Version}";

    private static JsonObject Module(ModuleManifest manifest, IEnumerable<PackageFile> files) =>
        new()
        {
            ["type"] = "library",
            ["bom-ref"] = Reference(manifest),
            ["publisher"] = manifest.CompanyName,
            ["name"] = ModuleManifest.Name,
            ["version"] = manifest.Version,
            ["description"] = manifest.Description,
            ["licenses"] = Array([new JsonObject { ["license"] = new JsonObject { ["id"] = "MIT" } }]),
            ["copyright"] = manifest.Copyright,
            ["externalReferences"] = Array([Link("website", manifest.ProjectUri.ToString())]),
            ["components"] = Array(files.Select(f => Component(f, ModuleManifest.Name))),
        };

    private static JsonObject Package(ShippedDependency package, IEnumerable<PackageFile> files)
    {
        var component = new JsonObject
        {
            ["type"] = "library",
            ["bom-ref"] = package.Purl,
            ["publisher"] = package.Authors,
            ["name"] = package.Id,
            ["version"] = package.Version,
            ["scope"] = "required",
            ["hashes"] = Array([Hash("SHA-512", package.Sha512)]),
            ["licenses"] = Array([Licence(package.Licence)]),
            ["copyright"] = package.Copyright ?? package.Authors,
            ["purl"] = package.Purl,
        };
        var links = new[] { ("website", package.ProjectUrl), ("vcs", package.RepositoryUrl) }
            .Where(l => l.Item2 is not null)
            .Select(l => Link(l.Item1, l.Item2!));
        component["externalReferences"] = Array(links);
        component["components"] = Array(files.Select(f => Component(f, package.Purl)));
        return component;
    }

    private static JsonObject Component(PackageFile file, string owner) =>
        new()
        {
            ["type"] = "file",
            ["bom-ref"] = $"{owner}#{file.Path}",
            ["name"] = file.Path,
            ["hashes"] = Array([Hash("SHA-256", file.Sha256)]),
        };

    private static JsonObject Hash(string algorithm, string content) => new() { ["alg"] = algorithm, ["content"] = content };

    private static JsonObject Link(string type, string address) => new() { ["type"] = type, ["url"] = address };

    private static JsonObject Licence(string expression) =>
        expression.Contains(' ', StringComparison.Ordinal)
            ? new JsonObject { ["expression"] = expression }
            : new JsonObject { ["license"] = new JsonObject { ["id"] = expression } };

    private static IEnumerable<JsonObject> Graph(ModuleManifest manifest, List<ShippedDependency> packages)
    {
        var references = packages.ToDictionary(p => p.Id, p => p.Purl, StringComparer.OrdinalIgnoreCase);
        var needed = packages.SelectMany(p => p.Needs).ToHashSet(StringComparer.OrdinalIgnoreCase);
        yield return Node(Reference(manifest), packages.Where(p => !needed.Contains(p.Id)).Select(p => p.Purl));
        foreach (var package in packages)
            yield return Node(package.Purl, package.Needs.Where(references.ContainsKey).Select(n => references[n]));
    }

    private static JsonObject Node(string reference, IEnumerable<string> needs) =>
        new() { ["ref"] = reference, ["dependsOn"] = new JsonArray([.. needs.Select(n => JsonValue.Create(n))]) };

    private static JsonArray Array(IEnumerable<JsonObject> objects) => new([.. objects]);

    // A UUID of version 8 (RFC 9562: free of choice) from the document's own sum.
    private static string SerialNumber(string content)
    {
        var sum = SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(content))[..16];
        sum[6] = (byte)((sum[6] & 0x0F) | 0x80);
        sum[8] = (byte)((sum[8] & 0x3F) | 0x80);
        return $"urn:uuid:{new Guid(sum, bigEndian: true)}";
    }
}
