namespace EtcdDr.Tests.Module;

public sealed class ViewTests
{
    /// <summary>One object of each type, each value as wide as it gets in practice.</summary>
    private const string Objects = """
        $status = [EtcdDr.EtcdMemberStatus]@{
            Cluster = 'primary'; Node = 'cp1'; Endpoint = 'https://10.105.176.144:2379'; MemberId = '8e9e05c52164694d'; Version = '3.5.16'
            DbSize = 1132462080; DbSizeInUse = 832462080; IsLeader = $true; RaftTerm = 12345; RaftAppliedIndex = 123456789
            Healthy = $false; Alarms = [string[]] ('NOSPACE', 'CORRUPT') }
        $snapshot = [EtcdDr.EtcdSnapshot]@{
            Name = 'etcd_snapshot_2026-11-22_23-53-31'; Path = '/restore/etcd_snapshot_2026-11-22_23-53-31'
            ComputerName = 'opc@dr-bastion'
            Cluster = 'primary'; Created = [datetime]::UtcNow.AddHours(-5.5); DbSize = 113246208; Label = 'after first configuration'
            KeyCount = 12345678; EtcdVersion = '3.5.16'; KubernetesVersion = 'v1.36.1' }
        $state = [EtcdDr.ControlPlaneState]@{ Cluster = 'primary'; Node = 'cp1'; State = 'Running'; KubeletActive = $true
            Manifests = [string[]] ('etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler')
            Containers = [string[]] (1..4); Elapsed = [timespan]::FromSeconds(5) }
        $node = [EtcdDr.ClusterNode]::new('cp1', 'ControlPlane', '10.105.176.144')
        $cluster = [EtcdDr.EtcdCluster]@{
            Name = 'primary'; Kubeconfig = '/root/.kube/config'; Context = 'kubernetes-admin@primary'
            Server = 'https://k8s.example.com:6443'
            ProfilePath = '/etc/etcddr.yaml'; Nodes = [EtcdDr.ClusterNode[]] ($node) }
        """;

    [Fact]
    public async Task Tables_fit_120_columns_and_show_sizes_for_people()
    {
        var (exitCode, output) = await ShowAsync(
            "$status | Format-Table; $snapshot | Format-Table; $state | Format-Table; $node | Format-Table; $cluster | Format-Table"
        );

        Assert.Equal(0, exitCode);
        Assert.All(output.Split('\n'), line => Assert.InRange(line.TrimEnd().Length, 0, 120));
        Assert.Contains(
            "cp1          10.105.176.144:2379   8e9e05c52164694d 3.5.16    1.1 GiB   74 % Leader   12345 123456789 NOSPACE CORRUPT",
            output,
            StringComparison.Ordinal
        );
        Assert.Contains("Location: opc@dr-bastion:/restore", output, StringComparison.Ordinal);
        Assert.Contains(
            "etcd_snapshot_2026-11-22_23-53-31 primary         5 h   108 MiB 12345678 3.5.16  v1.36.1    after first configuration",
            output,
            StringComparison.Ordinal
        );
        Assert.Contains("etcd apiserver controller-manager scheduler", output, StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_sealed_snapshot_says_without_a_key_is_called_unproven()
    {
        var (_, output) = await ShowAsync(
            "$snapshot | Format-Table; [EtcdDr.EtcdSnapshot]@{ Name = 's'; Path = '/b/s'; Sealed = $true; SealState = 'Unproven'; "
                + "Label = 'nightly' } | Format-Table"
        );

        Assert.Contains(
            "unproven: nightly",
            Assert.Single(output.Split('\n'), l => l.Contains("unproven", StringComparison.Ordinal)),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_member_that_does_not_answer_is_one_line_that_names_the_reason()
    {
        var (_, output) = await ShowAsync(
            "[EtcdDr.EtcdMemberStatus]@{ Cluster = 'primary'; Node = 'cp1'; Endpoint = 'https://10.105.176.144:2379'; ErrorId = "
                + "'HostKeyUnknown'; Errors = [string[]] ('The host key of cp1 is not known.') } | Format-Table"
        );

        var line = Assert.Single(output.Split('\n'), l => l.Contains("cp1", StringComparison.Ordinal));
        Assert.EndsWith("HostKeyUnknown", line.TrimEnd(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Checks_of_a_mirror_are_grouped_by_their_category()
    {
        var (_, output) = await ShowAsync(
            """
            [EtcdDr.MirrorCheck]@{ Name = 'KubeApi'; Category = 'Access'; Status = 'Pass'; Message = 'The API answers.' },
            [EtcdDr.MirrorCheck]@{ Name = 'Sudo'; Category = 'Access'; Status = 'Fail'; Node = 'w1'; Message = 'No sudo.' },
            [EtcdDr.MirrorCheck]@{ Name = 'Clock'; Category = 'Names'; Status = 'Warning'; Message = 'It is off.' } | Format-Table
            """
        );

        var lines = output
            .Split('\n')
            .Select(l => l.Trim())
            .Where(l => l.StartsWith("Category", StringComparison.Ordinal) || l.Contains("  ", StringComparison.Ordinal))
            .ToList();
        Assert.Equal(["Category: Access", "Category: Names"], lines.Where(l => l.StartsWith("Category", StringComparison.Ordinal)));
        Assert.Contains("Sudo", lines[lines.IndexOf("Category: Names") - 1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lists_show_everything()
    {
        var (exitCode, output) = await ShowAsync(
            "$status | Format-List; $snapshot | Format-List; $state | Format-List; $cluster | Format-List"
        );

        Assert.Equal(0, exitCode);
        Assert.Contains("RaftAppliedIndex : 123456789", output, StringComparison.Ordinal);
        Assert.Contains("known_hosts", output, StringComparison.Ordinal);
        Assert.Contains("(5 h ago)", output, StringComparison.Ordinal);
    }

    private static Task<(int ExitCode, string Output)> ShowAsync(string commands) =>
        ScriptProcess.RunAsync(
            $$"""
            $ErrorActionPreference = 'Stop'; Import-Module '{{Repository.Module}}/EtcdDr.psd1'
            {{Objects}}
            & { {{commands}} } | Out-String -Width 120
            """
        );
}
