using System.Text.Json.Nodes;
using EtcdDr.Lab;
using EtcdDr.Lab.Nodes;
using EtcdDr.Tests.Labs;

namespace EtcdDr.Tests.Restore;

/// <summary>A quiet restore acts on nothing until somebody says so, and can be put back.</summary>
[Trait("Category", "Lab")]
[Trait("Category", "Slow")]
[Collection(FaultCollection.Name)]
public sealed class QuiesceLabTests(FaultFixture fixture)
{
    private const string CronJobs = "/apis/batch/v1/namespaces/default/cronjobs";

    private LabNode Worker => fixture.Lab.Secondary.Workers.First();

    [LabFact]
    public async Task A_quiet_restore_holds_controllers_kubelets_and_cron_jobs_until_it_is_undone_or_completed()
    {
        using (var primary = fixture.Lab.Primary.ConnectApi())
        {
            await primary.CreateAsync(CronJobs, CronJob("nightly", suspended: false));
            await primary.CreateAsync(CronJobs, CronJob("never", suspended: true));
        }

        var backups = Directory.CreateTempSubdirectory("etcddr-quiet-");
        try
        {
            var restore =
                $"Get-EtcdSnapshot {backups.FullName} -Latest | Restore-EtcdSnapshot -Cluster $cluster -Quiesce -Confirm:$false "
                + "-ConvergeTimeoutSeconds 60 -StepTimeoutSeconds 60";
            var said = await SayAsync(
                $$"""
                Get-EtcdCluster primary | New-EtcdSnapshot -Path {{backups.FullName}} | Out-Null
                $quiet = {{restore}} -WarningVariable warnings -WarningAction SilentlyContinue
                "first $($quiet.State)"
                "warned $(@($warnings | Where-Object { $_ -match 'cluster .primary., still serves: kube-controller-manager leads' }).Count)"
                """
            );
            Assert.Contains("first Quiesced", said, StringComparison.Ordinal);
            Assert.Contains("warned 1", said, StringComparison.Ordinal);
            await ExpectQuietAsync();

            said = await SayAsync(
                $"\"undo $((Undo-EtcdRestore $cluster -LogPath {backups.FullName} -Confirm:$false -ConvergeTimeoutSeconds 3).State)\""
            );
            Assert.Matches("undo (Undone|Incomplete)", said);
            await ExpectActingAsync();

            said = await SayAsync(
                $$"""
                $quiet = {{restore}} -WarningAction SilentlyContinue
                try { {{restore.Replace(
                    " -Quiesce",
                    string.Empty,
                    StringComparison.Ordinal
                )}} -ErrorAction Stop -WarningAction SilentlyContinue | Out-Null } catch { "loud $($_.FullyQualifiedErrorId)" }
                "still $(($cluster | Get-EtcdRestore | Select-Object -First 1).State)"
                $end = Complete-EtcdRestore $cluster -Id $quiet.Id -LogPath {{backups.FullName}} -Confirm:$false -ConvergeTimeoutSeconds 120
                "end $($end.State): $($end.Message) $($end.NotReady | ForEach-Object { "$($_.Kind) $($_.Name): $($_.Reason)" })"
                """
            );
            Assert.Contains("loud RestoreUnfinished", said, StringComparison.Ordinal);
            Assert.Contains("still Quiesced", said, StringComparison.Ordinal);
            Assert.Contains("end Completed", said, StringComparison.Ordinal);
            await ExpectActingAsync();
            using var api = fixture.Lab.Secondary.ConnectApi();
            Assert.False(await IsSuspendedAsync(api, "nightly"));
            Assert.True(await IsSuspendedAsync(api, "never"));
        }
        finally
        {
            backups.Delete(recursive: true);
        }
    }

    private async Task ExpectQuietAsync()
    {
        Assert.Equal("disabled inactive", await KubeletAsync());
        foreach (var node in fixture.Lab.Secondary.ControlPlane)
        {
            var running = await node.RunAsync("crictl ps -o json | grep -o '\"name\": *\"kube-[a-z-]*\"' | sort -u");
            Assert.Contains("kube-apiserver", running, StringComparison.Ordinal);
            Assert.DoesNotContain("kube-controller-manager", running, StringComparison.Ordinal);
            Assert.DoesNotContain("kube-scheduler", running, StringComparison.Ordinal);
        }

        using var api = fixture.Lab.Secondary.ConnectApi();
        Assert.True(await IsSuspendedAsync(api, "nightly"));
        Assert.True(await IsSuspendedAsync(api, "never"));
    }

    private async Task ExpectActingAsync()
    {
        Assert.Equal("enabled active", await KubeletAsync());
        foreach (var node in fixture.Lab.Secondary.ControlPlane)
        {
            await node.RunAsync(
                "cd /etc/kubernetes/manifests && ls kube-controller-manager.yaml kube-scheduler.yaml etcd.yaml kube-apiserver.yaml"
            );
        }

        await fixture.Run.ExpectServingAsync();
    }

    private async Task<string> KubeletAsync() =>
        (await Worker.RunAsync("echo $(systemctl is-enabled kubelet || :) $(systemctl is-active kubelet || :)")).Trim();

    private async Task<string> SayAsync(string commands)
    {
        var (exit, said) = await fixture.Run.CommandsAsync(commands);
        Assert.True(exit == 0, said);
        return said;
    }

    private static async Task<bool> IsSuspendedAsync(LabApi api, string name) =>
        (await api.GetAsync($"{CronJobs}/{name}"))!["spec"]!["suspend"]!.GetValue<bool>();

    private static JsonObject CronJob(string name, bool suspended)
    {
        var job = JsonNode
            .Parse(
                """
                {"apiVersion":"batch/v1","kind":"CronJob","metadata":{"namespace":"default"},"spec":{"schedule":"0 3 * * *",
                "jobTemplate":{"spec":{"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"j","image":"pause"}]}}}}}}
                """
            )!
            .AsObject();
        job["metadata"]!["name"] = name;
        job["spec"]!["suspend"] = suspended;
        return job;
    }
}
