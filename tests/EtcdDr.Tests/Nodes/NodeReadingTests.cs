using System.Text;
using EtcdDr.Engine.ControlPlane.Manifests;
using EtcdDr.Engine.Nodes;

namespace EtcdDr.Tests.Nodes;

/// <summary>What one run of node.read prints, read again.</summary>
public sealed class NodeReadingTests
{
    private const string Etcd = """
        apiVersion: v1
        kind: Pod
        metadata: {name: etcd, namespace: kube-system}
        spec:
          containers:
          - name: etcd
            image: registry.k8s.io/etcd:3.6.5-0
            command: [etcd, --name=cp1, --data-dir=/var/lib/etcd]
            volumeMounts:
            - {mountPath: /var/lib/etcd, name: data}
          volumes:
          - {hostPath: {path: /var/lib/etcd}, name: data}
        """;

    [Fact]
    public void What_is_in_place_and_what_is_held_aside_are_told_apart()
    {
        var reading = NodeReading.Parse(
            "cp1",
            $"""
            == manifests
            {Listing("/etc/kubernetes/manifests", ("etcd.yaml", Etcd))}
            == journals

            == held
            {Listing(
                "/etc/kubernetes/etcddr/r/manifests",
                ("etcd.yaml", Etcd.Replace("cp1", "older", StringComparison.Ordinal)),
                ("note.txt", "held by a restore")
            )}
            == stopped
            {Listing(
                "/etc/kubernetes/etcddr/stopped/manifests",
                ("kube-scheduler.yaml", Etcd.Replace("etcd", "kube-scheduler", StringComparison.Ordinal))
            )}
            == endpoint
            unix:///run/containerd/containerd.sock
            == containers

            """,
            0
        );

        Assert.Equal(["etcd.yaml"], reading.InPlace.Texts.Keys);
        Assert.Equal(["etcd.yaml", "kube-scheduler.yaml", "note.txt"], reading.Manifests.Texts.Keys.Order(StringComparer.Ordinal));
        Assert.Equal("cp1", reading.Manifests.RequireEtcd().Name);
        Assert.True(reading.ControlPlaneIsStopped);
        Assert.Empty(reading.Journals);
        Assert.Equal("unix:///run/containerd/containerd.sock", reading.RuntimeEndpoint);
    }

    [Fact]
    public void A_node_on_which_nothing_runs_and_nothing_is_held_is_read_too()
    {
        var reading = NodeReading.Parse(
            "cp1",
            $"== manifests\n{Listing("/m", ("etcd.yaml", Etcd))}\n== journals\n== endpoint\n== containers\n",
            0
        );

        Assert.Same(reading.InPlace, reading.Manifests);
        Assert.False(reading.ControlPlaneIsStopped);
        Assert.Null(reading.EtcdContainer);
        Assert.Equal("", reading.RuntimeEndpoint);
    }

    [Fact]
    public void A_node_without_a_manifest_directory_is_named_with_it()
    {
        var error = Assert.Throws<EtcdDrException>(() =>
            NodeReading.Parse("w1", $"== manifests\n{Listing("/etc/kubernetes/manifests")}\n", ManifestCommands.NoDirectory)
        );

        Assert.Equal("ManifestDirectoryNotFound", error.ErrorId);
        Assert.Contains("/etc/kubernetes/manifests", error.Message, StringComparison.Ordinal);
    }

    private static string Listing(string directory, params (string Name, string Text)[] files) =>
        string.Join('\n', files.Select(f => $"file {Encode(f.Name)} {Encode(f.Text)}").Prepend($"path {Encode(directory)}"));

    private static string Encode(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
