using System.Diagnostics;
using EtcdDr.Lab.Packages;
using EtcdDr.Tests.Snapshots;

namespace EtcdDr.Tests.Reports;

/// <summary>Debian's Chromium without a screen. Installed by the tests as the lab installs its packages, where this machine lets
/// them.</summary>
internal static class Chromium
{
    private const string Program = "/usr/bin/chromium";
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    // Without these it asks hosts of its maker at every start.
    private static readonly string[] Quiet =
    [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--hide-scrollbars",
        "--enable-logging=stderr",
        "--virtual-time-budget=1000",
    ];

    /// <summary>Why this machine can have no Chromium; null if it can.</summary>
    public static string? Obstacle() =>
        File.Exists(Program) ? null
        : LabPackages.Obstacle() is { } obstacle ? $"There is no {Program}. {obstacle}"
        : null;

    /// <summary>Opens a page and gives it as it stands after loading, with what it wrote to the console.</summary>
    public static async Task<(string Dom, IReadOnlyList<string> Console)> OpenAsync(string path, params string[] more)
    {
        await LabPackages.EnsureAsync([("chromium", Program)], Console.WriteLine);
        using var profile = new TempDirectory();
        var start = new ProcessStartInfo(Program, [.. Quiet, $"--user-data-dir={profile.Path}", .. more, "--dump-dom", "file://" + path])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var log = process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return (await output, [.. (await log).Split('\n').Where(l => l.Contains("CONSOLE", StringComparison.Ordinal))]);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }
}
