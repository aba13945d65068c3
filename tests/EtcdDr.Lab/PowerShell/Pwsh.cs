using System.Diagnostics;
using System.Reflection;
using EtcdDr.Lab.Tools;

namespace EtcdDr.Lab.PowerShell;

/// <summary>
/// PowerShell as users have it: the .NET tool that <c>.config/dotnet-tools.json</c> pins and the build restores, or the <c>pwsh.dll</c>
/// that <c>ETCDDR_PWSH</c> names. It is started by the runtime itself: <c>dotnet tool run</c> would start three processes for it.
/// </summary>
public static class Pwsh
{
    /// <summary>Its main assembly.</summary>
    public static string Assembly { get; } =
        Environment.GetEnvironmentVariable("ETCDDR_PWSH") is { Length: > 0 } named
            ? Path.GetFullPath(named)
            : typeof(Pwsh).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "Pwsh").Value!;

    /// <summary>What a script that is given as text needs around it, so that its exit status is the session's as with
    /// <c>-File</c>.</summary>
    /// <param name="path">The script's file.</param>
    /// <param name="before">Statements that come first.</param>
    public static string[] RunScript(string path, string before) =>
        ["-Command", $"{before}; & '{path.Replace("'", "''", StringComparison.Ordinal)}'; exit $LASTEXITCODE"];

    /// <summary>The program and all arguments that start it without a profile.</summary>
    /// <param name="arguments">What follows <c>-NoProfile</c>.</param>
    /// <exception cref="LabException">It is not there.</exception>
    public static string[] CommandLine(params IEnumerable<string> arguments) =>
        File.Exists(Assembly)
            ? ["dotnet", "exec", Assembly, "-NoLogo", "-NoProfile", .. arguments]
            : throw new LabException($"There is no {Assembly}; restore it with: dotnet tool restore");

    /// <summary>How it is started.</summary>
    /// <param name="arguments">What follows <c>-NoProfile</c>.</param>
    /// <param name="environment">Variables beside this process's own.</param>
    public static ProcessStartInfo StartInfo(IEnumerable<string> arguments, IEnumerable<KeyValuePair<string, string>>? environment = null)
    {
        var line = CommandLine(arguments);
        var start = new ProcessStartInfo(line[0], line[1..]);
        foreach (var (name, value) in Settings.Concat(environment ?? []))
        {
            start.Environment[name] = value;
        }

        return start;
    }

    /// <summary>Variables that it is started with: no telemetry, no look for updates, and no need of ICU, which a fresh machine
    /// lacks.</summary>
    public static IReadOnlyDictionary<string, string> Settings { get; } =
        new Dictionary<string, string>
        {
            ["POWERSHELL_TELEMETRY_OPTOUT"] = "1",
            ["POWERSHELL_UPDATECHECK"] = "Off",
            ["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] = "1",
            ["DOTNET_SYSTEM_GLOBALIZATION_PREDEFINED_CULTURES_ONLY"] = "0",
        };
}
