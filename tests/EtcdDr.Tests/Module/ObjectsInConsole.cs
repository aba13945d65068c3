using System.Reflection;
using System.Text.Json;

namespace EtcdDr.Tests.Module;

/// <summary>Every public object, filled, as a pwsh with the module shows it and converts it to JSON; asked once for all tests.</summary>
public sealed class ObjectsInConsole : IAsyncLifetime
{
    private IReadOnlyDictionary<string, Shown> _shown = new Dictionary<string, Shown>();

    /// <summary>A check of the mirror as a table, with colours asked for and without.</summary>
    public (string Ansi, string PlainText) Colours { get; private set; }

    /// <summary>How an object looks.</summary>
    /// <param name="type">Its type's name.</param>
    public Shown this[string type] => _shown[type];

    public async Task InitializeAsync()
    {
        // The sample maker needs the public objects only, which pwsh has from the module by then.
        var (exitCode, output) = await ScriptProcess.RunAsync(
            $$"""
            $ErrorActionPreference = 'Stop'
            Import-Module '{{Repository.Module}}/EtcdDr.psd1'
            $sample = [Reflection.Assembly]::LoadFrom('{{Assembly.GetExecutingAssembly().Location}}').GetType('{{typeof(Sample).FullName}}')
            function Get-Sample([type] $Type) { , $sample.GetMethod('Of').Invoke($null, @($Type)) }
            $shown = foreach ($type in $sample.GetProperty('Types').GetValue($null)) {
                $object = Get-Sample $type
                [ordered]@{
                    Name = $type.Name
                    Table = $object | Format-Table -DisplayError | Out-String -Width 120
                    List = $object | Format-List -DisplayError | Out-String -Width 120
                    Json = $object | ConvertTo-Json -Depth 10 -WarningAction SilentlyContinue -WarningVariable warnings
                    Warnings = "$warnings"
                }
            }
            $check = Get-Sample ([EtcdDr.MirrorCheck])
            $PSStyle.OutputRendering = 'Ansi'
            $ansi = $check | Format-Table | Out-String -Width 120
            $PSStyle.OutputRendering = 'PlainText'
            $plain = $check | Format-Table | Out-String -Width 120
            @{ Objects = $shown; Ansi = $ansi; PlainText = $plain } | ConvertTo-Json -Depth 3
            """
        );

        Assert.True(exitCode == 0, output);
        var answer = JsonSerializer.Deserialize<Answer>(output)!;
        _shown = answer.Objects.ToDictionary(s => s.Name);
        Colours = (answer.Ansi, answer.PlainText);
    }

    public Task DisposeAsync() => Task.CompletedTask;

    /// <summary>How one object looks.</summary>
    /// <param name="Name">Its type.</param>
    /// <param name="Table">By Format-Table, 120 columns.</param>
    /// <param name="List">By Format-List.</param>
    /// <param name="Json">By ConvertTo-Json -Depth 10.</param>
    /// <param name="Warnings">What ConvertTo-Json warned of.</param>
    public sealed record Shown(string Name, string Table, string List, string Json, string Warnings);

    private sealed record Answer(IReadOnlyList<Shown> Objects, string Ansi, string PlainText);
}
