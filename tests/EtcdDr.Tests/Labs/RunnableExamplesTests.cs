using EtcdDr.HelpBuilder;
using EtcdDr.Tests.Module;
using EtcdDr.Tests.Snapshots;

namespace EtcdDr.Tests.Labs;

/// <summary>Examples of help pages that are marked as runnable, typed one after the other as a reader would.</summary>
[Trait("Category", "Lab")]
[Collection(LabCollection.Name)]
public sealed class RunnableExamplesTests(LabFixture fixture) : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [LabFact]
    public async Task Every_example_that_is_marked_as_runnable_runs_without_an_error()
    {
        var examples = Examples().ToList();
        Assert.True(examples.Count >= 20, $"Only {examples.Count} examples are marked as runnable.");

        var (exitCode, output) = await RunAsync(string.Join('\n', examples.Select(Step)));

        Assert.DoesNotContain("FAILED ", output, StringComparison.Ordinal);
        Assert.True(exitCode == 0, output);
    }

    // As far as the cutover: what comes after it is the drill's, with the same objects.
    [LabFact]
    public async Task The_line_that_the_README_begins_with_takes_ships_and_stages_a_snapshot()
    {
        var readme = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "README.md"));
        var line = readme.Split("```powershell\n")[1].Split("\n```")[0];
        Assert.Contains("Restore-EtcdSnapshot -Cluster (Get-EtcdCluster secondary)", line, StringComparison.Ordinal);

        var (exitCode, output) = await RunAsync(
            $$"""
            $ErrorActionPreference = 'Stop'
            $restore = {{OnLab(line)}} -StageOnly -Confirm:$false
            "$($restore.State), errors: $($Error.Count)"
            $null = Get-EtcdCluster secondary | ForEach-Object { Remove-EtcdStage $_ -Id $restore.Id -Confirm:$false }
            """
        );

        Assert.True(exitCode == 0, output);
        Assert.Contains("Staged, errors: 0", output, StringComparison.Ordinal);
    }

    // A snapshot is taken and shipped first: the others tell of what is there then.
    private static IEnumerable<(string Page, string Title, string Code)> Examples() =>
        from page in Directory
            .GetFiles(Path.Combine(Repository.Root, "docs", "en-US"), "*-*.md")
            .Where(p => !Path.GetFileName(p).StartsWith("about_", StringComparison.Ordinal))
        let name = Path.GetFileNameWithoutExtension(page)
        orderby name switch
        {
            "New-EtcdSnapshot" => 0,
            "Copy-EtcdSnapshot" => 1,
            _ => 2,
        }, name
        from example in HelpPage.Parse(File.ReadAllText(page)).Section("Examples").Items
        from block in example.Blocks
        where block.IsRunnable
        select (name, example.Title, block.Text);

    private string Step((string Page, string Title, string Code) example) =>
        $$"""
            try { & { {{OnLab(example.Code)}} } 3> $null | Out-Null; if ($Error.Count) { throw $Error[0] } }
            catch { 'FAILED {{example.Page}}, {{example.Title.Replace("'", "''", StringComparison.Ordinal)}}: ' + $_; $Error.Clear() }
            """;

    private string OnLab(string code) =>
        code.Replace("opc@dr-bastion:/restore", "dr-bastion:/home/opc/runnable", StringComparison.Ordinal)
            .Replace("/backups", _directory.At("backups"), StringComparison.Ordinal)
            .Replace(" /restore", " " + _directory.At("backups"), StringComparison.Ordinal);

    private Task<(int ExitCode, string Output)> RunAsync(string script) =>
        ScriptProcess.RunAsync(
            $"Import-Module EtcdDr; $null = $ExecutionContext.SessionState.Path.SetLocation('{_directory.Path}'); $Error.Clear()\n{script}",
            ("ETCDDR_PROFILE", fixture.Lab.ProfilePath),
            ("PSModulePath", Path.GetDirectoryName(Repository.Module)!)
        );
}
