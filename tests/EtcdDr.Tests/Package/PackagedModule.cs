using System.IO.Compression;
using EtcdDr.Packager;

namespace EtcdDr.Tests.Package;

/// <summary>What the packager makes of the staged module, once in a run.</summary>
internal static class PackagedModule
{
    private static readonly Lazy<ModulePackage> Package = new(() => Read(Repository.Root));
    private static readonly Lazy<string> Written = new(Write);
    private static readonly Lazy<string> Expanded = new(Unpack);

    /// <summary>The package's contents.</summary>
    public static ModulePackage Contents => Package.Value;

    /// <summary>The module out of the zip.</summary>
    public static string Unpacked => Expanded.Value;

    /// <summary>Reads the module that was built in a working copy.</summary>
    public static ModulePackage Read(string root) =>
        ModulePackage.Read(Path.Combine(root, "out", "EtcdDr"), Path.Combine(root, "src", "EtcdDr.Engine", "obj", "project.assets.json"));

    /// <summary>A file that the packager wrote.</summary>
    public static string Artifact(string name) => Path.Combine(Written.Value, name);

    // Beside the tests' assemblies, so that it is replaced by the next run and cleaned with them.
    private static string Write()
    {
        var directory = Path.Combine(AppContext.BaseDirectory, "package");
        if (Directory.Exists(directory))
            Directory.Delete(directory, recursive: true);

        Contents.Write(directory);
        return directory;
    }

    private static string Unpack()
    {
        var directory = Path.Combine(Written.Value, "unpacked");
        ZipFile.ExtractToDirectory(Artifact($"EtcdDr-{Contents.Manifest.Version}.zip"), directory);
        return Path.Combine(directory, "EtcdDr");
    }
}
