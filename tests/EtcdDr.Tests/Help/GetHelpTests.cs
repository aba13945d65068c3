using EtcdDr.Tests.Module;

namespace EtcdDr.Tests.Help;

/// <summary>What a user of the staged module gets from <c>Get-Help</c>.</summary>
public sealed class GetHelpTests
{
    [Fact]
    public async Task Full_help_of_every_cmdlet_has_synopsis_description_examples_and_a_text_for_each_parameter()
    {
        var (exitCode, output) = await ScriptProcess.RunAsync(
            $$"""
            $ErrorActionPreference = 'Stop'
            Import-Module '{{Repository.Module}}/EtcdDr.psd1'
            $commands = @(Get-Command -Module EtcdDr)
            foreach ($command in $commands) {
                $help = Get-Help $command.Name -Full
                if (-not $help.Synopsis -or -not $help.description) { "FAULT $command has no synopsis or description" }
                if (@($help.examples.example).Count -lt 3) { "FAULT $command has $(@($help.examples.example).Count) examples" }
                foreach ($parameter in $help.parameters.parameter) {
                    if (-not $parameter.description) { "FAULT $command -$($parameter.name) has no text" }
                }
            }
            "$($commands.Count) cmdlets"
            """
        );

        Assert.Equal(0, exitCode);
        Assert.DoesNotContain("FAULT", output, StringComparison.Ordinal);
        Assert.Matches(@"^\d{2} cmdlets", output);
    }
}
