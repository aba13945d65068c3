using System.IO.Compression;
using System.Reflection.PortableExecutable;
using System.Security.Cryptography;
using System.Text.Json;
using System.Xml.Linq;
using EtcdDr.Packager;
using EtcdDr.Tests.Snapshots;

namespace EtcdDr.Tests.Package;

public sealed class PackageTests
{
    private static readonly string Version = PackagedModule.Contents.Manifest.Version;
    private static readonly string Assets = Path.Combine(Repository.Root, "src", "EtcdDr.Engine", "obj", "project.assets.json");

    [Fact]
    public void The_zip_holds_every_staged_file_with_the_bill_and_the_notices_below_one_directory()
    {
        var staged = PackageFile.ReadAll(Repository.StagedModule).ToDictionary(f => "EtcdDr/" + f.Path, f => f.Sha256);
        using var zip = ZipFile.OpenRead(PackagedModule.Artifact($"EtcdDr-{Version}.zip"));

        var packed = zip.Entries.ToDictionary(e => e.FullName, Sum);

        Assert.Equal(
            ["EtcdDr/EtcdDr.cdx.json", "EtcdDr/THIRD-PARTY-NOTICES.txt"],
            packed.Keys.Except(staged.Keys).Order(StringComparer.Ordinal)
        );
        Assert.All(staged, file => Assert.Equal(file.Value, packed[file.Key]));
    }

    [Fact]
    public void Entries_are_sorted_and_have_no_time_of_their_own()
    {
        using var zip = ZipFile.OpenRead(PackagedModule.Artifact($"EtcdDr-{Version}.zip"));

        Assert.Equal(zip.Entries.Select(e => e.FullName).Order(StringComparer.Ordinal), zip.Entries.Select(e => e.FullName));
        Assert.All(zip.Entries, e => Assert.Equal(new DateTime(1980, 1, 1), e.LastWriteTime.DateTime));
    }

    [Fact]
    public void The_gallery_package_has_the_module_at_its_root_and_says_what_a_gallery_asks()
    {
        using var package = ZipFile.OpenRead(PackagedModule.Artifact($"EtcdDr.{Version}.nupkg"));
        var names = package.Entries.Select(e => e.FullName).ToHashSet();

        Assert.Superset(PackagedModule.Contents.Files.Select(f => f.Path).ToHashSet(), names);
        var about = Xml(package, "EtcdDr.nuspec").Elements().Single().Elements().ToDictionary(e => e.Name.LocalName, e => e.Value);
        Assert.Equal("EtcdDr", about["id"]);
        Assert.Equal(Version, about["version"]);
        Assert.NotEmpty(about["authors"]);
        Assert.NotEmpty(about["description"]);
        var tags = about["tags"].Split(' ');
        Assert.Superset(
            new HashSet<string>
            {
                "PSModule",
                "PSEdition_Core",
                "PSIncludes_Cmdlet",
                "PSCmdlet_Get-EtcdStatus",
                "PSCommand_Get-EtcdStatus",
                "etcd",
            },
            tags.ToHashSet()
        );
        Assert.Equal(tags.Length, tags.Distinct().Count());
    }

    [Fact]
    public void Every_part_of_the_gallery_package_has_a_content_type_and_every_relationship_a_target()
    {
        using var package = ZipFile.OpenRead(PackagedModule.Artifact($"EtcdDr.{Version}.nupkg"));
        var types = Xml(package, "[Content_Types].xml").Elements().ToList();
        var known = types
            .Select(t => t.Attribute("Extension")?.Value ?? t.Attribute("PartName")!.Value)
            .ToHashSet(StringComparer.OrdinalIgnoreCase);

        Assert.All(
            package.Entries.Where(e => e.FullName != "[Content_Types].xml"),
            e => Assert.Contains(Path.GetExtension(e.FullName) is { Length: > 1 } extension ? extension[1..] : "/" + e.FullName, known)
        );
        Assert.All(
            Xml(package, "_rels/.rels").Elements(),
            r => Assert.NotNull(package.GetEntry(r.Attribute("Target")!.Value.TrimStart('/')))
        );
    }

    [Fact]
    public void The_bill_accounts_for_every_file_with_its_sum_and_for_every_assembly_of_others_with_package_version_and_licence()
    {
        using var bill = Bill();
        var module = bill.RootElement.GetProperty("metadata").GetProperty("component");
        var packages = bill.RootElement.GetProperty("components").EnumerateArray().ToList();

        var listed = packages
            .Append(module)
            .SelectMany(c => c.GetProperty("components").EnumerateArray())
            .ToDictionary(f => f.GetProperty("name").GetString()!, Content);

        Assert.Equal(PackageFile.ReadAll(Repository.StagedModule).ToDictionary(f => f.Path, f => f.Sha256), listed);
        Assert.All(
            module.GetProperty("components").EnumerateArray(),
            f => Assert.DoesNotMatch(@"^engine/(?!EtcdDr\.).*\.dll$", f.GetProperty("name").GetString()!)
        );
        Assert.All(packages, p => Assert.Contains(Licence(p), (string[])["MIT", "Apache-2.0", "BSD-3-Clause"]));
        Assert.All(packages, p => Assert.Matches("^[0-9a-f]{128}$", Content(p)));
        Assert.All(
            packages,
            p =>
                Assert.Equal(
                    $"pkg:nuget/{p.GetProperty("name").GetString()}@{p.GetProperty("version").GetString()}",
                    p.GetProperty("purl").GetString()
                )
        );
        Assert.Contains(packages, p => p.GetProperty("purl").GetString() == "pkg:nuget/SSH.NET@2026.0.0");
    }

    [Fact]
    public void The_bill_joins_every_package_to_the_module_and_names_only_what_it_lists()
    {
        using var bill = Bill();
        var listed = bill
            .RootElement.GetProperty("components")
            .EnumerateArray()
            .Select(c => c.GetProperty("bom-ref").GetString()!)
            .Append($"EtcdDr@{Version}")
            .ToHashSet();
        var needs = bill
            .RootElement.GetProperty("dependencies")
            .EnumerateArray()
            .ToDictionary(
                d => d.GetProperty("ref").GetString()!,
                d => d.GetProperty("dependsOn").EnumerateArray().Select(n => n.GetString()!).ToList()
            );

        Assert.Equal(listed, needs.Keys.ToHashSet());
        Assert.Superset(needs.Values.SelectMany(n => n).ToHashSet(), listed);
        Assert.Equal(listed.Order(StringComparer.Ordinal), Reached($"EtcdDr@{Version}", needs).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_notices_name_every_package_its_copyright_and_the_text_of_its_licence()
    {
        var notices = File.ReadAllText(Path.Combine(PackagedModule.Unpacked, ModulePackage.NoticesName));

        using var bill = Bill();
        foreach (var package in bill.RootElement.GetProperty("components").EnumerateArray())
        {
            Assert.Contains(
                $"{package.GetProperty("name").GetString()} {package.GetProperty("version").GetString()}\n",
                notices,
                StringComparison.Ordinal
            );
            Assert.Contains(package.GetProperty("copyright").GetString()!, notices, StringComparison.Ordinal);
        }

        Assert.Contains("Apache License", notices, StringComparison.Ordinal);
        Assert.Contains("THE SOFTWARE IS PROVIDED \"AS IS\"", notices, StringComparison.Ordinal);
        Assert.Contains("Neither the name of", notices, StringComparison.Ordinal);
    }

    [Fact]
    public void Our_assemblies_name_no_path_of_the_machine_that_built_them()
    {
        var ours = PackagedModule
            .Contents.Files.Where(f =>
                Path.GetFileName(f.Path).StartsWith("EtcdDr", StringComparison.Ordinal) && f.Path.EndsWith(".dll", StringComparison.Ordinal)
            )
            .ToList();

        Assert.Equal(4, ours.Count);
        Assert.All(ours, file => Assert.All(SourcePaths(file), path => Assert.StartsWith("/_/", path, StringComparison.Ordinal)));
    }

    [Fact]
    public void An_assembly_that_no_package_accounts_for_is_not_packed()
    {
        using var directory = new TempDirectory();
        File.Copy(Path.Combine(Repository.Root, "EtcdDr.psd1"), directory.At("EtcdDr.psd1"));
        File.WriteAllBytes(directory.At("Stranger.dll"), [1]);

        var failure = Assert.Throws<PackagingException>(() => ModulePackage.Read(directory.Path, Assets));

        Assert.Contains("Stranger.dll", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_sums_are_those_of_the_packages()
    {
        var lines = File.ReadAllLines(PackagedModule.Artifact($"EtcdDr-{Version}.sha256")).Select(l => l.Split("  ")).ToList();

        Assert.Equal(3, lines.Count);
        Assert.All(
            lines,
            l => Assert.Equal(l[0], Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(PackagedModule.Artifact(l[1])))))
        );
    }

    private static IEnumerable<string> SourcePaths(PackageFile assembly)
    {
        using var image = new PEReader(new MemoryStream(assembly.Content));
        var embedded = image.ReadDebugDirectory().Single(e => e.Type == DebugDirectoryEntryType.EmbeddedPortablePdb);
        using var provider = image.ReadEmbeddedPortablePdbDebugDirectoryData(embedded);
        var reader = provider.GetMetadataReader();
        return [.. reader.Documents.Select(d => reader.GetString(reader.GetDocument(d).Name))];
    }

    private static HashSet<string> Reached(string start, Dictionary<string, List<string>> needs)
    {
        var reached = new HashSet<string> { start };
        var open = new Queue<string>([start]);
        while (open.TryDequeue(out var next))
        {
            foreach (var need in needs[next].Where(reached.Add))
                open.Enqueue(need);
        }

        return reached;
    }

    private static JsonDocument Bill() =>
        JsonDocument.Parse(File.ReadAllBytes(Path.Combine(PackagedModule.Unpacked, ModulePackage.BillName)));

    private static string Content(JsonElement component) => component.GetProperty("hashes")[0].GetProperty("content").GetString()!;

    private static string Licence(JsonElement component) =>
        component.GetProperty("licenses")[0].GetProperty("license").GetProperty("id").GetString()!;

    private static XElement Xml(ZipArchive package, string name)
    {
        using var stream = package.GetEntry(name)!.Open();
        return XElement.Load(stream);
    }

    private static string Sum(ZipArchiveEntry entry)
    {
        using var stream = entry.Open();
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}
