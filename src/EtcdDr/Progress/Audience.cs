using System.Management.Automation.Host;

namespace EtcdDr.Progress;

/// <summary>Who sees what a cmdlet shows.</summary>
internal static class Audience
{
    /// <summary>
    /// Whether somebody may be watching progress bars. PowerShell's own console draws none where its output is redirected, and nobody
    /// watches a session that was started with <c>-NonInteractive</c>; other hosts (editors, notebooks) draw their own.
    /// </summary>
    public static bool IsInteractive(PSHost host) =>
        host.Name != "ConsoleHost" || (!Console.IsOutputRedirected && !IsNonInteractive(Environment.GetCommandLineArgs()));

    /// <summary>Whether a pwsh command line says <c>-NonInteractive</c>, which may be shortened to <c>-noni</c>.</summary>
    public static bool IsNonInteractive(IEnumerable<string> commandLine) =>
        commandLine.Any(argument =>
            argument.Length >= "-noni".Length
            && argument[0] is '-' or '/'
            && "noninteractive".StartsWith(argument.TrimStart('-', '/'), StringComparison.OrdinalIgnoreCase)
        );
}
