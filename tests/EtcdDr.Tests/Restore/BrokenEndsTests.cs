using EtcdDr.Lab.Faults;
using EtcdDr.Tests.Labs;

namespace EtcdDr.Tests.Restore;

/// <summary>Restores of clusters that stay broken: every state of a journal has an end, and the nodes' journals tell it.</summary>
[Trait("Category", "Lab")]
[Trait("Category", "Slow")]
[Collection(FaultCollection.Name)]
public sealed class BrokenEndsTests(FaultFixture fixture)
{
    private const string Show =
        "$cluster | Get-EtcdRestore -WarningAction SilentlyContinue | ForEach-Object { \"restore $($_.State) [$($_.Message)]\" }";

    [LabFact]
    public async Task What_serves_without_a_node_that_does_not_come_back_is_accepted_and_so_is_the_node_when_it_does()
    {
        var (exit, output) = await fixture.Run.StruckAsync(new FaultCase("start-rest", FaultKind.Power, "cp3"));
        try
        {
            var (accepted, said) = await fixture.Run.CommandsAsync(
                $"""
                {Show}
                $end = Complete-EtcdRestore $cluster -LogPath {Logs} -Confirm:$false -StepTimeoutSeconds 30 -WarningAction SilentlyContinue
                "complete $($end.State): $($end.Message)"
                {Show}
                """
            );
            Assert.True(accepted == 0, $"{output}\n{said}");
            Assert.Contains("complete Completed", said, StringComparison.Ordinal);
            Assert.Contains("restore Completed [cp1: Completed, cp2: Completed]", said, StringComparison.Ordinal);
            Assert.NotEqual(0, exit);
        }
        finally
        {
            await fixture.Run.HealAsync("cp3");
        }

        var (ended, then) = await fixture.Run.CommandsAsync(
            $"""
            {Show}
            Complete-EtcdRestore $cluster -LogPath {Logs} -Confirm:$false -StepTimeoutSeconds 60 | Out-Null
            {Show}
            """
        );
        Assert.True(ended == 0, then);
        Assert.Contains("restore Completed [cp1: Completed, cp2: Completed, cp3: Completed]", then, StringComparison.Ordinal);
        await fixture.Run.ExpectServingAsync();
    }

    [LabFact]
    public async Task What_two_lost_nodes_keep_from_every_other_end_is_abandoned_and_the_next_restore_takes_over()
    {
        await fixture.Run.StruckAsync(new FaultCase("swap-data", FaultKind.KillUndo, "cp1"));
        await fixture.Lab.Secondary["cp2"].CutNetworkAsync();
        await fixture.Lab.Secondary["cp3"].CutNetworkAsync();
        try
        {
            var (exit, said) = await fixture.Run.CommandsAsync(
                $$"""
                $ErrorActionPreference = 'Continue'
                $WarningPreference = 'SilentlyContinue'
                $how = @{ LogPath = '{{Logs}}'; Confirm = $false; BreakLock = $true; ErrorAction = 'Stop' }
                function Attempt([string] $Name, [scriptblock] $Script) {
                    try { & $Script | Out-Null; "${Name}: done" } catch { "${Name}: $($_.FullyQualifiedErrorId)" }
                }
                Attempt 'undo' { Undo-EtcdRestore $cluster @how -StepTimeoutSeconds 30 }
                Attempt 'complete' { Complete-EtcdRestore $cluster @how }
                $end = Undo-EtcdRestore $cluster -Abandon @how
                "abandon $($end.State): $($end.Message)"
                {{Show}}
                """
            );
            Assert.True(exit == 0, said);
            Assert.Contains("undo: RollbackIncomplete", said, StringComparison.Ordinal);
            Assert.Contains("complete: RestoreNotServing", said, StringComparison.Ordinal);
            Assert.Contains("abandon Abandoned", said, StringComparison.Ordinal);
            Assert.Contains("restore Abandoned [cp1: Abandoned]", said, StringComparison.Ordinal);
        }
        finally
        {
            await fixture.Run.HealAsync("cp2");
            await fixture.Run.HealAsync("cp3");
        }

        // Of the nodes that return the journals still owe an end; then nothing is in the way of another restore.
        var (ended, then) = await fixture.Run.CommandsAsync(
            $"""
            Undo-EtcdRestore $cluster -Abandon -LogPath {Logs} -Confirm:$false -BreakLock | Out-Null
            {Show}
            {fixture.Run.RestoreCommand} | Out-Null
            {Show}
            """
        );
        Assert.True(ended == 0, then);
        Assert.Contains("restore Abandoned [cp1: Abandoned, cp2: Abandoned, cp3: Abandoned]", then, StringComparison.Ordinal);
        await fixture.Run.ExpectServingAsync();
    }

    private string Logs => Path.GetDirectoryName(fixture.Run.Snapshot)!;
}
