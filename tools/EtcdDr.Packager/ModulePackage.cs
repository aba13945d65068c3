using System.Text;

namespace EtcdDr.Packager;

/// <summary>The module as it is given to others: what the build staged, with its bill of materials and the notices of what it
/// ships.</summary>
public sealed class ModulePackage
{
    /// <summary>The bill of materials inside the module.</summary>
    public const string BillName = "EtcdDr.cdx.json";

    /// <summary>The notices inside the module.</summary>
    public const string NoticesName = "THIRD-PARTY-NOTICES.txt";

    private ModulePackage(ModuleManifest manifest, IReadOnlyList<PackageFile> files)
    {
        Manifest = manifest;
        Files = files;
    }

    /// <summary>What the module says of itself.</summary>
    public ModuleManifest Manifest { get; }

    /// <summary>The module's files, in order of their paths.</summary>
    public IReadOnlyList<PackageFile> Files { get; }

    /// <summary>Reads a staged module.</summary>
    /// <param name="module">Its directory.</param>
    /// <param name="assets">The engine's <c>project.assets.json</c>.</param>
    public static ModulePackage Read(string module, string assets)
    {
        var staged = PackageFile.ReadAll(module);
        var manifest = ModuleManifest.Read(Path.Combine(module, ModuleManifest.Name + ".psd1"));
        var names = staged.Select(f => Path.GetFileName(f.Path)).ToHashSet(StringComparer.Ordinal);
        var dependencies = DependencyReader.Read(assets).Where(d => d.Assemblies.Any(names.Contains)).ToList();
        ThrowIfUnknown(staged, dependencies);
        return new ModulePackage(
            manifest,
            [
                .. staged
                    .Append(new PackageFile(BillName, Encoding.UTF8.GetBytes(CycloneDx.Write(manifest, staged, dependencies))))
                    .Append(new PackageFile(NoticesName, Encoding.UTF8.GetBytes(ThirdPartyNotices.Write(dependencies))))
                    .OrderBy(f => f.Path, StringComparer.Ordinal),
            ]
        );
    }

    /// <summary>Writes both packages, the bill and the sums; gives their paths.</summary>
    public IReadOnlyList<string> Write(string directory)
    {
        Directory.CreateDirectory(directory);
        var stem = $"{ModuleManifest.Name}-{Manifest.Version}";
        PackageFile[] results =
        [
            new($"{ModuleManifest.Name}.{Manifest.Version}.nupkg", ReproducibleZip.Write(GalleryPackage.Files(Manifest, Files))),
            new($"{stem}.zip", ReproducibleZip.Write(Files.Select(f => f with { Path = $"{ModuleManifest.Name}/{f.Path}" }))),
            new($"{stem}.cdx.json", Files.Single(f => f.Path == BillName).Content),
        ];
        var sums = string.Concat(results.Select(f => $"{f.Sha256}  {f.Path}\n"));
        return [.. results.Append(new PackageFile($"{stem}.sha256", Encoding.ASCII.GetBytes(sums))).Select(f => Save(directory, f))];
    }

    // An assembly that no package and no project of ours accounts for would be missing in the bill.
    private static void ThrowIfUnknown(IReadOnlyList<PackageFile> staged, IReadOnlyList<ShippedDependency> dependencies)
    {
        var known = dependencies.SelectMany(d => d.Assemblies).ToHashSet(StringComparer.Ordinal);
        var unknown = staged
            .Select(f => Path.GetFileName(f.Path))
            .Where(f =>
                f.EndsWith(".dll", StringComparison.Ordinal)
                && f != "EtcdDr.dll"
                && !f.StartsWith("EtcdDr.", StringComparison.Ordinal)
                && !known.Contains(f)
            )
            .ToList();
        if (unknown.Count > 0)
            throw new PackagingException($"No package that NuGet resolved brings {string.Join(", ", unknown)}: stage the module anew.");
    }

    private static string Save(string directory, PackageFile file)
    {
        var path = Path.Combine(directory, file.Path);
        File.WriteAllBytes(path, file.Content);
        return path;
    }
}
