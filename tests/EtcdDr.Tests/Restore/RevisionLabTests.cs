using System.Globalization;
using System.Text.RegularExpressions;
using EtcdDr.Tests.Labs;
using Xunit.Abstractions;

namespace EtcdDr.Tests.Restore;

/// <summary>What clients were given as a resourceVersion is never given again for something else.</summary>
[Trait("Category", "Lab")]
[Collection(FaultCollection.Name)]
[Trait("Category", "Slow")]
public sealed class RevisionLabTests(FaultFixture fixture, ITestOutputHelper output)
{
    private readonly ITestOutputHelper _output = output;

    [LabFact]
    public async Task Revisions_never_go_backwards_in_a_restore_a_repeated_one_and_Undo()
    {
        await fixture.MakeRoomAsync();
        const string show = "function Show($when) { \"$when $(($cluster | Get-EtcdStatus | Measure-Object Revision -Maximum).Maximum)\" }";
        var undo =
            $"$cluster | Undo-EtcdRestore -LogPath {Path.GetDirectoryName(fixture.Run.Snapshot)} -Confirm:$false "
            + "-ConvergeTimeoutSeconds 3 -StepTimeoutSeconds 60";
        var said = string.Empty;
        foreach (
            var commands in new[]
            {
                $"Show 'before'; $first = {fixture.Run.RestoreCommand}; Show 'restored'",
                $"$second = {fixture.Run.RestoreCommand}; Show 'again'",
                $$"""
                    $undone = {{undo}}; Show 'undone'
                    "said $($undone.State) $($undone.Message)"
                    "members $(@($cluster | Get-EtcdStatus | Where-Object Healthy).Count)"
                    """,
                $"$again = {undo}; Show 'undone-again'",
            }
        )
        {
            var (exit, output) = await fixture.Run.CommandsAsync($"{show}\n{commands}");
            said += output;
            Assert.True(exit == 0, said);
        }

        _output.WriteLine(said);
        string[] order = ["before", "restored", "again", "undone", "undone-again"];
        var revisions = order
            .Select(o =>
                long.Parse(Regex.Match(said, $@"^{o} (\d+)", RegexOptions.Multiline).Groups[1].Value, CultureInfo.InvariantCulture)
            )
            .ToArray();
        Assert.All(revisions.Zip(revisions.Skip(1)), pair => Assert.True(pair.Second > pair.First, said));
        Assert.Contains("Revisions were raised above", said, StringComparison.Ordinal);
        Assert.Contains("members 3", said, StringComparison.Ordinal);
    }
}
