using EtcdDr.Tests.Labs;
using Xunit.Abstractions;

namespace EtcdDr.Tests.Restore;

/// <summary>A cluster without quorum and without a backup is brought back from a member that survived.</summary>
[Trait("Category", "Lab")]
[Trait("Category", "Slow")]
[Collection(FaultCollection.Name)]
public sealed class FromMemberLabTests(FaultFixture fixture, ITestOutputHelper output)
{
    // The first page of each is random too, and etcd reads it at its next start.
    private const string Overwrite =
        "dd if=/dev/urandom of=/var/lib/etcd/member/snap/db bs=64k count=8 conv=notrunc 2>/dev/null; "
        + "crictl stop --timeout 1 $(crictl ps -q --name etcd) >/dev/null";

    [LabFact]
    public async Task Two_of_three_databases_overwritten_by_random_bytes_are_brought_back_by_one_command()
    {
        await fixture.MakeRoomAsync();
        var logs = $"{Path.GetDirectoryName(fixture.Run.Snapshot)}/from-member";
        var (before, seen) = await fixture.Run.CommandsAsync(
            """
            $cluster | Get-EtcdStatus | ForEach-Object { "was $($_.Node) $($_.Revision)" }
            try { Restore-EtcdSnapshot -FromMember '*' -Cluster $cluster -WhatIf } catch { "refused $($_.FullyQualifiedErrorId)" }
            """
        );
        Assert.True(before == 0, seen);
        Assert.Contains("refused ClusterHasQuorum", seen, StringComparison.Ordinal);
        await fixture.Run.OnNodeAsync("cp1", Overwrite);
        await fixture.Run.OnNodeAsync("cp2", Overwrite);

        var (exit, said) = await fixture.Run.CommandsAsync(
            $$"""
            $limits = @{ Confirm = $false; ConvergeTimeoutSeconds = 3; StepTimeoutSeconds = 60 }
            $restore = Restore-EtcdSnapshot -FromMember '*' -Cluster $cluster -LogPath {{logs}} @limits
            "ended $($restore.State) $($restore.Message)"
            $cluster | Get-EtcdStatus | ForEach-Object { "is $($_.Node) $($_.Healthy) $($_.Revision)" }
            $copies = @(Get-ChildItem {{logs}} -Filter 'etcd_member_cp3_*.db')
            "copy $($copies.Count) left $(@(Get-ChildItem {{logs}} -Filter '*.part').Count)"
            "mode $($copies[0].UnixMode)"
            """
        );
        output.WriteLine($"{seen}\n{said}");

        Assert.True(exit == 0, said);
        Assert.Matches("ended (Completed|Incomplete)", said);
        foreach (var node in new[] { "cp1", "cp2", "cp3" })
        {
            Assert.Matches($@"is {node} True \d+", said);
        }

        Assert.Contains("copy 1 left 0", said, StringComparison.Ordinal);
        Assert.Contains("mode -rw-------", said, StringComparison.Ordinal);
    }
}
