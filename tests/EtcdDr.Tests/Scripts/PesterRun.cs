using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using EtcdDr.Tests.Module;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace EtcdDr.Tests.Scripts;

/// <summary>All Pester files by Pester in one pwsh, but for what needs two clusters; its counts are shown in the test run's own
/// output.</summary>
public sealed partial class PesterRun(IMessageSink sink) : IAsyncLifetime
{
    private static readonly string Pester = typeof(PesterRun)
        .Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(a => a.Key == "Pester")
        .Value!;

    /// <summary>What it showed.</summary>
    public string Output { get; private set; } = "";

    /// <summary>Passed and failed tests by file.</summary>
    public IReadOnlyDictionary<string, (int Passed, int Failed)> Counts { get; private set; } = new Dictionary<string, (int, int)>();

    public async Task InitializeAsync() =>
        (Output, Counts) = await RunAsync(
            Path.Combine(Repository.Root, "tests"),
            "$settings.Filter.ExcludeTag = 'Lab'",
            text => sink.OnMessage(new DiagnosticMessage(text))
        );

    public Task DisposeAsync() => Task.CompletedTask;

    /// <summary>Runs Pester.</summary>
    /// <param name="path">A file or a directory of files.</param>
    /// <param name="filter">A statement that chooses tests.</param>
    /// <param name="say">Is told the counts of each file.</param>
    /// <param name="environment">Variables of its pwsh.</param>
    internal static async Task<(string Output, IReadOnlyDictionary<string, (int Passed, int Failed)> Counts)> RunAsync(
        string path,
        string filter,
        Action<string> say,
        params (string Name, string Value)[] environment
    )
    {
        var (_, output) = await ScriptProcess.RunAsync(
            $$"""
            Import-Module '{{Pester}}'
            $settings = New-PesterConfiguration
            $settings.Run.Path = '{{path}}'
            $settings.Run.PassThru = $true
            {{filter}}
            $result = Invoke-Pester -Configuration $settings
            foreach ($container in $result.Containers) {
                $where = "Pester $((Get-Module Pester).Version) in PowerShell $($PSVersionTable.PSVersion)"
                "${where}: $($container.Item.Name) $($container.PassedCount) passed, $($container.FailedCount) failed"
            }
            """,
            [("ETCDDR_MODULE", Repository.Module), .. environment]
        );
        var counts = Count().Matches(output);
        foreach (Match count in counts)
        {
            say(count.Value);
        }

        return (
            output,
            counts.ToDictionary(
                c => c.Groups["file"].Value,
                c =>
                    (
                        int.Parse(c.Groups["passed"].Value, CultureInfo.InvariantCulture),
                        int.Parse(c.Groups["failed"].Value, CultureInfo.InvariantCulture)
                    )
            )
        );
    }

    [GeneratedRegex(@"Pester \S+ in PowerShell \S+: (?<file>\S+) (?<passed>\d+) passed, (?<failed>\d+) failed")]
    private static partial Regex Count();
}
