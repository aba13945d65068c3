using EtcdDr.Lab;
using EtcdDr.Lab.Nodes;
using EtcdDr.Tests.Labs;
using EtcdDr.Tests.Module;

namespace EtcdDr.Tests.Restore;

/// <summary>
/// Two of three control-plane nodes are gone: from three members to one and back to three, on a lab of its own. One node comes back with
/// its old data, the other without data and without etcd's certificates, as a machine that was made anew.
/// </summary>
[Trait("Category", "Lab")]
[Trait("Category", "Slow")]
public sealed class LostNodesLabTests
{
    [LabFact]
    public async Task A_cluster_that_lost_two_of_three_nodes_goes_on_with_one_and_gets_two_again()
    {
        await using var lab = await EtcdDr.Lab.Lab.UpAsync(
            new LabOptions
            {
                ControlPlanes = 3,
                Workers = 0,
                Secondary = false,
            }
        );
        var site = lab.Primary;
        var before = await RunAsync(lab, "Get-EtcdCluster primary | New-EtcdSnapshot -Path backups | Out-Null; 'taken'");
        Assert.Contains("taken", before, StringComparison.Ordinal);
        await site["cp2"].PowerOffAsync();
        await site["cp3"].PowerOffAsync();

        var unnamed = await RunAsync(
            lab,
            """
            $snapshot = Get-EtcdSnapshot backups -Latest
            try { $snapshot | Restore-EtcdSnapshot -Cluster primary -Survivor cp1 -Confirm:$false | Out-Null }
            catch { "refused $($_.FullyQualifiedErrorId)" }
            $plan = $snapshot | Restore-EtcdSnapshot -Cluster primary -Survivor cp1 -WhatIf -PassThru
            "plan $($plan.Nodes.Node -join ',') without $($plan.Lost -join ',') $($plan.LostCouldServe) $($plan.Feasible)"
            """
        );
        Assert.Contains("refused LostNodesNotNamed", unnamed, StringComparison.Ordinal);
        Assert.Contains("plan cp1 without cp2,cp3 True True", unnamed, StringComparison.Ordinal);

        var restored = await RunAsync(
            lab,
            """
            $restore = Get-EtcdSnapshot backups -Latest |
                Restore-EtcdSnapshot -Cluster primary -Survivor cp1 -Lost cp2,cp3 -Confirm:$false -ConvergeTimeoutSeconds 60
            "state $($restore.State) members $(($restore.Members | Where-Object Healthy).Node -join ',') $($restore.Message)"
            """
        );
        Assert.Contains("members cp1 ", restored, StringComparison.Ordinal);
        Assert.Contains("kubectl delete node cp2 cp3", restored, StringComparison.Ordinal);

        // cp2 comes back as it was, and finds no majority; cp3 is a new machine.
        await site["cp2"].PowerOnAsync();
        var added = await RunAsync(lab, "Add-EtcdMember primary cp2 -Confirm:$false | Format-Table -Property Node, Healthy; 'added'");
        Assert.Contains("added", added, StringComparison.Ordinal);
        await site["cp3"].PowerOnAsync();
        await site["cp3"]
            .RunAsync(
                "systemctl stop kubelet; mv /etc/kubernetes/manifests/etcd.yaml /root/; rm -rf /etc/kubernetes/pki/etcd "
                    + "/etc/kubernetes/pki/apiserver-etcd-client.*; "
                    + "for id in $(crictl ps -q --label io.kubernetes.container.name=etcd); do crictl stop \"$id\"; done; rm -rf "
                    + "/var/lib/etcd; systemctl start kubelet"
            );
        var whole = await RunAsync(
            lab,
            """
            $members = @(Add-EtcdMember primary cp3 -Confirm:$false)
            $voters = @($members | Where-Object { $_.Healthy -and -not $_.IsLearner }).Node -join ','
            "members $voters clusters $(@($members.ClusterId | Select-Object -Unique).Count)"
            $again = @(Add-EtcdMember primary cp3 -Confirm:$false)
            "again $(@($again | Where-Object Healthy).Count)"
            try { Undo-EtcdRestore primary -Confirm:$false | Out-Null } catch { "undo $($_.FullyQualifiedErrorId)" }
            """
        );
        Assert.Contains("members cp1,cp2,cp3 clusters 1", whole, StringComparison.Ordinal);
        Assert.Contains("again 3", whole, StringComparison.Ordinal);
        Assert.Contains("undo MembersAdded", whole, StringComparison.Ordinal);
        Assert.Single((await HashesAsync(site)).Distinct());

        var removed = await RunAsync(
            lab,
            """
            $left = @(Remove-EtcdMember primary cp3 -Confirm:$false)
            "left $(@($left | Where-Object Healthy).Node -join ',')"
            try { Remove-EtcdMember primary cp9 -Confirm:$false } catch { "unknown $($_.FullyQualifiedErrorId)" }
            $back = @(Add-EtcdMember primary cp3 -Confirm:$false)
            "back $(@($back | Where-Object Healthy).Count)"
            """
        );
        Assert.Contains("left cp1,cp2", removed, StringComparison.Ordinal);
        Assert.Contains("unknown MemberNotFound", removed, StringComparison.Ordinal);
        Assert.Contains("back 3", removed, StringComparison.Ordinal);
    }

    // Asked apart from the module, at one revision.
    private static async Task<IReadOnlyList<long>> HashesAsync(LabCluster site)
    {
        var revision = (await site["cp1"].HashAsync()).Revision;
        var hashes = new List<long>();
        foreach (var node in site.ControlPlane)
        {
            hashes.Add((await node.HashAsync(revision)).Hash);
        }

        return hashes;
    }

    private static async Task<string> RunAsync(EtcdDr.Lab.Lab lab, string script)
    {
        var (exit, said) = await ScriptProcess.RunAsync(
            $"$ErrorActionPreference = 'Stop'\nImport-Module '{Repository.Module}/EtcdDr.psd1'\nSet-Location '{lab.DirectoryPath}'\n"
                + $"{script}\n",
            ("ETCDDR_PROFILE", lab.ProfilePath)
        );
        Assert.True(exit == 0, said);
        return said;
    }
}
