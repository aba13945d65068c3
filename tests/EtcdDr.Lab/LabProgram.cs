using System.Runtime.InteropServices;

namespace EtcdDr.Lab;

/// <summary>Where the lab's own program and the .NET runtime are, whichever program the lab is used from.</summary>
internal static class LabProgram
{
    /// <summary>The directory of EtcdDr.Lab.dll.</summary>
    public static string Directory { get; } = Path.GetDirectoryName(typeof(LabProgram).Assembly.Location)!;

    /// <summary>The directory of the dotnet program.</summary>
    // shared/Microsoft.NETCore.App/VERSION/ below it.
    public static string DotnetDirectory { get; } = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../.."));

    /// <summary>What runs the lab's program on this machine.</summary>
    public static string[] CommandLine { get; } = [Path.Combine(DotnetDirectory, "dotnet"), Path.Combine(Directory, "EtcdDr.Lab.dll")];
}
