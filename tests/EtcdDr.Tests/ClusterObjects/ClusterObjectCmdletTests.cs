using EtcdDr.Tests.Module;
using EtcdDr.Tests.Played;

namespace EtcdDr.Tests.ClusterObjects;

/// <summary>The cmdlets as a user has them, in pwsh.</summary>
public sealed class ClusterObjectCmdletTests : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("etcddr-objects-").FullName;
    private MemoryApiServer _server = null!;

    public async Task InitializeAsync()
    {
        _server = await MemoryApiServer.StartAsync();
        await File.WriteAllTextAsync(
            Path.Combine(_directory, "all.yaml"),
            """
            {apiVersion: v1, kind: Namespace, metadata: {name: shop}}
            ---
            {apiVersion: v1, kind: Secret, metadata: {name: s, namespace: shop}, data: {password: VE9QU0VDUkVU}}
            ---
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: web, namespace: shop}
            spec:
              replicas: 3
              selector: {matchLabels: {app: web}}
              template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c, image: nginx}]}}
            """
        );
    }

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task Objects_are_changed_by_dots_planned_put_in_and_taken_back()
    {
        var output = await RunAsync(
            """
            $objects = Get-ClusterObject -Path . | ForEach-Object { if ($_.Kind -eq 'Deployment') { $_.Body.spec.replicas = 0 }; $_ }
            "planned: $(($objects | Restore-ClusterObject $cluster -WhatIf | ForEach-Object { "$_ $($_.Planned)" }) -join '; ')"
            "there: $(@(Get-ClusterObject -Cluster $cluster -Namespace shop).Count)"
            "done: $(($objects | Restore-ClusterObject $cluster -RecordPath records) -join '; ')"
            "replicas: $((Get-ClusterObject deploy web -Cluster $cluster -Namespace shop).Body.spec.replicas)"
            "again: $(($objects | Restore-ClusterObject $cluster -RecordPath records).Action -join ' ')"
            $first = Get-ChildItem records | Sort-Object Length | Select-Object -Last 1
            "undone: $((Undo-ClusterObject $cluster -RecordPath $first.FullName -Confirm:$false) -join '; ')"
            """
        );

        Assert.Equal(
            [
                "planned: Create Namespace shop True; Create Secret shop/s True; Create Deployment shop/web True",
                "there: 0",
                "done: Create Namespace shop; Create Secret shop/s; Create Deployment shop/web",
                "replicas: 0",
                "again: Unchanged Unchanged Unchanged",
                "undone: Delete Deployment shop/web; Delete Secret shop/s; Delete Namespace shop",
            ],
            output
        );
    }

    // Start-Job starts pwsh's own program, which NuGet makes executable for its owner alone.
    [RootFact]
    public async Task Views_show_no_values_and_the_pipeline_has_them()
    {
        var output = await RunAsync(
            """
            $secret = Get-ClusterObject Secret -Path all.yaml
            $shown = ($secret | Format-Table | Out-String) + ($secret | Format-List | Out-String) + "$secret" + ($secret | Out-String)
            "shown: $($shown.Contains('VE9QU0VDUkVU')) $($shown.Contains('shop'))"
            "there: $($secret.Body.data.password)"
            $back = Start-Job { $using:secret } | Receive-Job -Wait -AutoRemoveJob
            "back: $(($back | Restore-ClusterObject $cluster -WhatIf).Name)"
            $json = '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c","namespace":"default"}}' | ConvertFrom-Json
            "json: $(($json | Restore-ClusterObject $cluster -WhatIf).Kind)"
            $hash = @{ apiVersion = 'v1'; kind = 'Namespace'; metadata = @{ name = 'h' } }
            "hash: $(($hash | Restore-ClusterObject $cluster -WhatIf).Name)"
            """
        );

        Assert.Equal(["shown: False True", "there: VE9QU0VDUkVU", "back: s", "json: ConfigMap", "hash: h"], output);
    }

    private async Task<IReadOnlyList<string>> RunAsync(string script)
    {
        var cluster = _server.Cluster;
        var (exitCode, output) = await ScriptProcess.RunAsync(
            $$"""
            $ErrorActionPreference = 'Stop'
            Import-Module '{{Repository.Module}}/EtcdDr.psd1'
            Set-Location '{{_directory}}'
            $where = @{ Kubeconfig = '{{cluster.Kubeconfig}}'; Context = '{{cluster.Context}}' }
            $where.ServerAddress = '{{cluster.ServerAddress}}'
            $cluster = Get-EtcdCluster @where
            {{script}}
            """
        );
        Assert.True(exitCode == 0, output);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
