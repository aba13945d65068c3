using EtcdDr.Lab;
using EtcdDr.Lab.Network;
using EtcdDr.Lab.Nodes;
using EtcdDr.Lab.Tools;

namespace EtcdDr.Tests.Labs;

/// <summary>The lab itself: that it comes, behaves and goes.</summary>
[Trait("Category", "Lab")]
public sealed class LabTests
{
    private static readonly LabOptions Small = new()
    {
        ControlPlanes = 1,
        Workers = 0,
        Secondary = false,
        Kubelet = false,
    };

    [LabFact]
    public async Task Nothing_is_left_when_a_lab_is_disposed()
    {
        string directory;
        ProcessIdentity init;
        await using (var lab = await EtcdDr.Lab.Lab.UpAsync(Small))
        {
            directory = lab.DirectoryPath;
            init = lab.Primary["cp1"].Init!;
            Assert.NotEmpty(LabNetwork.BridgesOf(directory));
        }

        Assert.False(Directory.Exists(directory));
        Assert.Empty(LabNetwork.BridgesOf(directory));
        Assert.False(init.Runs);
        Assert.DoesNotContain(directory, await File.ReadAllTextAsync("/proc/mounts"), StringComparison.Ordinal);
    }

    [LabFact]
    public async Task Two_labs_live_side_by_side()
    {
        await using var one = await EtcdDr.Lab.Lab.UpAsync(Small);
        await using var other = await EtcdDr.Lab.Lab.UpAsync(Small);

        Assert.NotEqual(one.Primary["cp1"].Address, other.Primary["cp1"].Address);
        Assert.Equal("cp1", (await one.Primary["cp1"].RunAsync("hostname")).Trim());
        Assert.Equal("cp1", (await other.Primary["cp1"].RunAsync("hostname")).Trim());
    }

    [LabFact]
    public async Task A_lab_can_be_found_again_and_removed_by_name()
    {
        var name = $"again-{Guid.NewGuid().ToString("n")[..6]}";
        await using (var lab = await EtcdDr.Lab.Lab.UpAsync(Small with { Name = name }))
        {
            lab.Keep();
        }

        var found = EtcdDr.Lab.Lab.Open(name);
        Assert.Equal("cp1", (await found.Primary["cp1"].RunAsync("hostname")).Trim());

        await EtcdDr.Lab.Lab.DownAsync(name);
        Assert.DoesNotContain(name, EtcdDr.Lab.Lab.Names());
    }

    [LabFact]
    public async Task A_node_keeps_its_disk_through_a_power_cut_and_loses_what_was_in_memory()
    {
        await using var lab = await EtcdDr.Lab.Lab.UpAsync(Small);
        var node = lab.Primary["cp1"];
        await node.RunAsync("echo kept > /var/lib/kubelet/mark; echo lost > /run/mark");

        await node.PowerOffAsync();
        Assert.Null(node.Init);
        Assert.False(await TcpProbe.AnswersAsync(node.Address, 22, CancellationToken.None));
        await node.PowerOnAsync();

        Assert.Equal("kept", (await node.RunAsync("cat /var/lib/kubelet/mark; cat /run/mark 2>/dev/null || true")).Trim());
    }

    [LabFact]
    public async Task A_node_can_be_cut_off_and_its_disk_filled()
    {
        await using var lab = await EtcdDr.Lab.Lab.UpAsync(Small with { DiskMountPoint = "/var/lib", DiskMiB = 256 });
        var node = lab.Primary["cp1"];

        await node.CutNetworkAsync();
        Assert.False(await TcpProbe.AnswersAsync(node.Address, 22, CancellationToken.None));
        await node.MendNetworkAsync();
        await node.WaitForSshAsync(CancellationToken.None);

        await node.FillDiskAsync("/var/lib/etcd");
        Assert.NotEqual(0, (await node.TryAsync("dd if=/dev/zero of=/var/lib/etcd/more bs=1M count=8")).ExitCode);
        await node.FreeDiskAsync();
        await node.RunAsync("dd if=/dev/zero of=/var/lib/etcd/more bs=1M count=8 2>/dev/null");
    }

    [LabFact]
    public async Task A_control_plane_node_has_etcd_of_its_version_in_a_container_and_no_tool_on_its_path()
    {
        await using var lab = await EtcdDr.Lab.Lab.UpAsync(Small with { Kubelet = true });
        var node = lab.Primary["cp1"];

        var pid = (await node.RunAsync("pgrep -x etcd")).Trim();
        Assert.Contains(lab.EtcdVersion, await node.RunAsync($"/proc/{pid}/root/usr/local/bin/etcdutl version"), StringComparison.Ordinal);
        Assert.NotEqual(0, (await node.TryAsync("command -v etcdutl || command -v etcdctl")).ExitCode);
        Assert.Equal($"https://{node.Address}:2380", (await node.PeerUrlsAsync())["cp1"]);
        using var api = lab.Primary.ConnectApi();
        Assert.True(await api.ReadyAsync(TimeSpan.FromSeconds(5)));
    }
}
