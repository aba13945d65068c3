namespace EtcdDr.Bench.Measuring;

/// <summary>How this program is started once more.</summary>
internal static class BenchProgram
{
    /// <summary>The runtime's program.</summary>
    public static string Dotnet { get; } =
        Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet";

    /// <summary>This assembly.</summary>
    public static string Assembly { get; } = Path.Combine(AppContext.BaseDirectory, "EtcdDr.Bench.dll");
}
