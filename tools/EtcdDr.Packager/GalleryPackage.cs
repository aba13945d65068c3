using System.Security.Cryptography;
using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace EtcdDr.Packager;

/// <summary>
/// The <c>.nupkg</c> that a PowerShell gallery takes: the module's files at its root, and around them what the package format (OPC) and
/// NuGet ask for. Tags are those that PSResourceGet writes: galleries find modules and cmdlets by them.
/// </summary>
public static class GalleryPackage
{
    private static readonly XNamespace Nuspec = "http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd";
    private static readonly XNamespace Types = "http://schemas.openxmlformats.org/package/2006/content-types";
    private static readonly XNamespace Relations = "http://schemas.openxmlformats.org/package/2006/relationships";
    private static readonly XNamespace Core = "http://schemas.openxmlformats.org/package/2006/metadata/core-properties";
    private static readonly XNamespace Dublin = "http://purl.org/dc/elements/1.1/";

    /// <summary>The files of the package in their order.</summary>
    public static IReadOnlyList<PackageFile> Files(ModuleManifest manifest, IReadOnlyList<PackageFile> module)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        ArgumentNullException.ThrowIfNull(module);
        var nuspec = File($"{ModuleManifest.Name}.nuspec", Specification(manifest));
        var properties = Properties(manifest);
        var core = properties with
        {
            Path =
                $"package/services/metadata/core-properties/{Convert.ToHexStringLower(SHA256.HashData(properties.Content))[..32]}.psmdcp",
        };
        return
        [
            File("[Content_Types].xml", ContentTypes(module)),
            File("_rels/.rels", Relationships(nuspec.Path, core.Path)),
            nuspec,
            .. module,
            core,
        ];
    }

    private static XElement Specification(ModuleManifest manifest) =>
        new(
            Nuspec + "package",
            new XElement(
                Nuspec + "metadata",
                new XElement(Nuspec + "id", ModuleManifest.Name),
                new XElement(Nuspec + "version", manifest.Version),
                new XElement(Nuspec + "authors", manifest.Author),
                new XElement(Nuspec + "owners", manifest.CompanyName),
                new XElement(Nuspec + "requireLicenseAcceptance", "false"),
                new XElement(Nuspec + "licenseUrl", manifest.LicenseUri),
                new XElement(Nuspec + "projectUrl", manifest.ProjectUri),
                new XElement(Nuspec + "description", manifest.Description),
                new XElement(Nuspec + "releaseNotes", manifest.ReleaseNotes),
                new XElement(Nuspec + "copyright", manifest.Copyright),
                new XElement(Nuspec + "tags", string.Join(' ', Tags(manifest)))
            )
        );

    private static IEnumerable<string> Tags(ModuleManifest manifest) =>
        [
            .. manifest.Tags,
            "PSModule",
            "PSIncludes_Cmdlet",
            .. manifest.Cmdlets.SelectMany(c => new[] { $"PSCmdlet_{c}", $"PSCommand_{c}" }),
        ];

    private static XElement ContentTypes(IReadOnlyList<PackageFile> module)
    {
        var extensions = module
            .Select(f => Path.GetExtension(f.Path).TrimStart('.'))
            .Where(e => e.Length > 0)
            .Append("nuspec")
            .Distinct(StringComparer.OrdinalIgnoreCase);
        return new XElement(
            Types + "Types",
            Default("rels", "application/vnd.openxmlformats-package.relationships+xml"),
            Default("psmdcp", "application/vnd.openxmlformats-package.core-properties+xml"),
            extensions.Order(StringComparer.Ordinal).Select(e => Default(e, "application/octet")),
            module
                .Where(f => Path.GetExtension(f.Path).Length == 0)
                .Select(f => new XElement(
                    Types + "Override",
                    new XAttribute("PartName", "/" + f.Path),
                    new XAttribute("ContentType", "application/octet")
                ))
        );
    }

    private static XElement Default(string extension, string type) =>
        new(Types + "Default", new XAttribute("Extension", extension), new XAttribute("ContentType", type));

    private static XElement Relationships(string nuspec, string core) =>
        new(
            Relations + "Relationships",
            Relationship("http://schemas.microsoft.com/packaging/2010/07/manifest", nuspec, "R0000000000000001"),
            Relationship("http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties", core, "R0000000000000002")
        );

    private static XElement Relationship(string type, string target, string id) =>
        new(Relations + "Relationship", new XAttribute("Type", type), new XAttribute("Target", "/" + target), new XAttribute("Id", id));

    private static PackageFile Properties(ModuleManifest manifest) =>
        File(
            "core-properties",
            new XElement(
                Core + "coreProperties",
                new XAttribute(XNamespace.Xmlns + "dc", Dublin),
                new XElement(Dublin + "creator", manifest.Author),
                new XElement(Dublin + "description", manifest.Description),
                new XElement(Dublin + "identifier", ModuleManifest.Name),
                new XElement(Core + "version", manifest.Version),
                new XElement(Core + "keywords", string.Join(' ', Tags(manifest)))
            )
        );

    private static PackageFile File(string path, XElement root)
    {
        using var buffer = new MemoryStream();
        using (
            var writer = XmlWriter.Create(
                buffer,
                new XmlWriterSettings
                {
                    Indent = true,
                    NewLineChars = "\n",
                    Encoding = new UTF8Encoding(false),
                }
            )
        )
            new XDocument(root).Save(writer);

        return new PackageFile(path, buffer.ToArray());
    }
}
