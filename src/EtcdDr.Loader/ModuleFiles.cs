using System.Runtime.InteropServices;

namespace EtcdDr.Loader;

/// <summary>
/// Where the module's assemblies lie: as intermediate language in the module's directory and in <c>engine/</c>, and compiled ahead for some
/// platforms in <c>ahead/&lt;platform&gt;/</c>. Compiled ones hold the intermediate language too: a runtime that cannot use the native code
/// compiles as ever.
/// </summary>
/// <param name="directory">The module's directory.</param>
internal sealed class ModuleFiles(string directory)
{
    private readonly string _ahead = Path.Combine(directory, "ahead", Platform);

    /// <summary>This platform's name as .NET writes it: <c>linux-x64</c>, <c>win-x64</c>, <c>osx-arm64</c>.</summary>
    public static string Platform { get; } =
        (
            OperatingSystem.IsWindows() ? "win-"
            : OperatingSystem.IsMacOS() ? "osx-"
            : "linux-"
        )
        + RuntimeInformation.ProcessArchitecture switch
        {
            Architecture.X64 => "x64",
            Architecture.Arm64 => "arm64",
            var other => other.ToString(),
        };

    /// <summary>The file of an assembly that PowerShell's own load context gets.</summary>
    public string Shared(string name) => Choose(name, directory);

    /// <summary>The file of an assembly of the private load context; null if the module has none of that name.</summary>
    public string? Private(string name)
    {
        var path = Choose(name, Path.Combine(directory, "engine"));
        return File.Exists(path) ? path : null;
    }

    private string Choose(string name, string otherwise)
    {
        var compiled = Path.Combine(_ahead, name + ".dll");
        return File.Exists(compiled) ? compiled : Path.Combine(otherwise, name + ".dll");
    }
}
