using EtcdDr.Lab;
using EtcdDr.Lab.Nodes;
using TwoClusters = EtcdDr.Lab.Lab;

namespace EtcdDr.Tests.Played;

/// <summary>What the module's stop, swap and start rest on, seen on a real node of the lab.</summary>
[Trait("Category", "Lab")]
public sealed class KubeletTests
{
    private const string Running = "crictl ps -q --name '^etcd$'";

    [Fact]
    public async Task Containers_follow_their_manifests_and_outlive_the_kubelet()
    {
        await using var lab = await TwoClusters.UpAsync(
            new LabOptions
            {
                ControlPlanes = 1,
                Workers = 0,
                Secondary = false,
                WaitForApi = false,
                EtcdVersion = "3.4",
            }
        );
        var node = lab.Primary.ControlPlane.Single();
        await UntilAsync(node, $"[ -n \"$({Running})\" ]");
        var first = await node.RunAsync(Running);

        await node.RunAsync("systemctl stop kubelet");
        Assert.Equal(3, (await node.TryAsync("systemctl is-active kubelet")).ExitCode);
        Assert.Equal(first, await node.RunAsync(Running));
        await node.RunAsync("systemctl start kubelet; systemctl is-active kubelet");
        await UntilAsync(node, "grep -c 'SyncLoop ADD.*etcd-' /var/log/kubelet.log | grep -q 2");
        Assert.Equal(first, await node.RunAsync(Running));

        await node.RunAsync("crictl stop --timeout 3 $(crictl ps -q --name '^etcd$')");
        await UntilAsync(node, $"id=$({Running}); [ -n \"$id\" ] && [ \"$id\" != {first.Trim()} ]");

        await node.RunAsync("mv /etc/kubernetes/manifests/etcd.yaml /root/");
        await UntilAsync(node, $"[ -z \"$({Running})\" ]");
        Assert.NotEqual(0, (await node.TryAsync("pidof etcd")).ExitCode);

        await node.RunAsync("mv /root/etcd.yaml /etc/kubernetes/manifests/");
        await UntilAsync(node, $"[ -n \"$({Running})\" ]");
        Assert.Contains(
            "etcdctl",
            await node.RunAsync(
                $"ls /proc/$(crictl inspect -o go-template --template '{{{{.info.pid}}}}' $({Running}))/root/usr/local/bin"
            ),
            StringComparison.Ordinal
        );
    }

    private static async Task UntilAsync(LabNode node, string condition)
    {
        for (var tries = 0; (await node.TryAsync(condition)).ExitCode != 0; tries++)
        {
            Assert.True(tries < 600, $"It did not come true on {node.Name}: {condition}");
            await Task.Delay(100);
        }
    }
}
