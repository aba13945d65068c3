using EtcdDr.Engine.ControlPlane;
using EtcdDr.Engine.ControlPlane.Manifests;

namespace EtcdDr.Tests.ControlPlane;

public sealed class ControlPlaneSequenceTests
{
    [Theory]
    [InlineData("cp1 cp2", "cp1+ cp2+ cp3")]
    [InlineData("cp1 cp2 cp3", "cp1+ cp2+ cp3+")]
    [InlineData("cp1 cp2 cp3", "cp1 cp2 cp3")]
    public void A_node_that_runs_etcd_and_no_apiserver_keeps_no_restore_waiting(string awaited, string nodes)
    {
        var found = ControlPlaneSequence.WithApiServer([.. nodes.Split(' ').Select(Node)]);

        Assert.Equal(awaited.Split(' '), found.Select(n => n.Name));
    }

    private static ControlPlaneNode Node(string word)
    {
        var node = new ClusterNode(word.TrimEnd('+'), NodeRole.ControlPlane, "127.0.0.1");
        string[] parts = word.EndsWith('+') ? ["etcd", "kube-apiserver"] : ["etcd"];
        return new ControlPlaneNode(
            node,
            NodeManifests.Parse(node.Name, "/etc/kubernetes/manifests", new Dictionary<string, string>()),
            new StaticPodPlace("/etc/kubernetes/manifests", "/etc/kubernetes/etcddr/stopped/manifests", string.Empty, string.Empty),
            [.. parts.Select(ControlPlanePart.Usual)]
        );
    }
}
