using EtcdDr.Engine.ControlPlane.Manifests;

namespace EtcdDr.Tests.ControlPlane.Manifests;

public sealed class StaticPodManifestTests
{
    private const string Path = "/etc/kubernetes/manifests/etcd.yaml";

    [Fact]
    public void The_innermost_mount_maps_a_container_path_to_the_node()
    {
        var manifest = Parse(
            """
            kind: Pod
            metadata: {name: etcd}
            spec:
              containers:
              - name: etcd
                command: [etcd]
                volumeMounts:
                - {name: data, mountPath: /var/lib/etcd/}
                - {name: wal, mountPath: /var/lib/etcd/member/wal}
                - {name: sub, mountPath: /sub, subPath: a/b}
                - {name: mem, mountPath: /mem}
              volumes:
              - {name: data, hostPath: {path: /disk/etcd}}
              - {name: wal, hostPath: {path: //ssd//wal/}}
              - {name: sub, hostPath: {path: /srv}}
              - {name: mem, emptyDir: {}}
            """
        );

        Assert.Equal("/disk/etcd", manifest.HostPathOf("/var/lib/etcd"));
        Assert.Equal("/disk/etcd/member/snap/db", manifest.HostPathOf("/var/lib/etcd/member/../member/snap/db"));
        Assert.Equal("/ssd/wal/0.wal", manifest.HostPathOf("/var/lib/etcd/member/wal/0.wal"));
        Assert.Equal("/srv/a/b/c", manifest.HostPathOf("/sub/c"));
        Assert.Null(manifest.HostPathOf("/mem/x"));
        Assert.Null(manifest.HostPathOf("/var/lib/etcd2"));
        Assert.Equal(["/ssd/wal"], manifest.MountsBelow("/var/lib/etcd").Select(m => m.HostPath));
    }

    [Fact]
    public void Arguments_follow_the_command_and_variables_are_put_in()
    {
        var manifest = Parse(
            """
            kind: Pod
            metadata: {name: etcd}
            spec:
              containers:
              - name: sidecar
                command: [other, --name=wrong]
              - name: etcd
                env: [{name: HOST, value: m1}, {name: URL, value: "https://$(HOST):1"}]
                command: [/usr/local/bin/etcd]
                args: ["--name=$(HOST)", "--data-dir", "/d", "--x=$$(HOST)", "--y=$(NONE)", "--u=$(URL)"]
            """
        );

        Assert.Equal("etcd", manifest.Program);
        Assert.Equal("m1", manifest.Flags.Last("name"));
        Assert.Equal("/d", manifest.Flags.Last("data-dir"));
        Assert.Equal("$(HOST)", manifest.Flags.Last("x"));
        Assert.Equal("$(NONE)", manifest.Flags.Last("y"));
        Assert.Equal("https://m1:1", manifest.Flags.Last("u"));
    }

    [Fact]
    public void The_nodes_own_name_is_put_in_where_a_manifest_takes_it_from_its_pod()
    {
        var manifest = StaticPodManifest.Parse(
            "m1",
            "/etc/kubernetes/manifests/etcd.yaml",
            """
            kind: Pod
            metadata: {name: etcd, namespace: kube-system}
            spec:
              containers:
              - name: etcd
                env:
                - {name: NODE_NAME, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}
                - {name: POD_NAME, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
                - {name: HOST_IP, valueFrom: {fieldRef: {fieldPath: status.hostIP}}}
                command: [etcd, "--name=$(NODE_NAME)", "--x=$(POD_NAME)", "--y=$(HOST_IP)"]
            """
        );

        Assert.Equal(("m1", "etcd-m1", "$(HOST_IP)"), (manifest.Flags.Last("name"), manifest.Flags.Last("x"), manifest.Flags.Last("y")));
    }

    [Fact]
    public void Json_is_a_manifest_too() =>
        Assert.Equal(
            "etcd",
            Parse(
                """{"kind": "Pod", "metadata": {"name": "etcd"}, "spec": {"containers": [{"name": "etcd", "command": ["etcd"]}]}}"""
            ).Program
        );

    [Theory]
    [InlineData("", "it is empty")]
    [InlineData("just text", "not an object")]
    [InlineData("a: [", "line ")]
    [InlineData("kind: Deployment", "it is a Deployment")]
    [InlineData("metadata: {}", "no kind")]
    [InlineData("kind: Pod", "no container")]
    [InlineData("kind: Pod\nspec: {containers: []}", "no container")]
    [InlineData("kind: Pod\nspec: {containers: [1, 2]}", "no container")]
    [InlineData("kind: Pod\nspec: {containers: [{name: x, command: etcd}]}", "line 2: 'command' must be a list of words")]
    [InlineData("kind: Pod\nspec: {containers: [{name: x, args: [[a]]}]}", "'args' must be a list of words")]
    [InlineData("kind: Pod\nspec: {containers: [{name: x, volumeMounts: [{name: a}]}]}", "lacks its name or mountPath")]
    public void What_is_no_pod_is_an_error_that_names_node_and_file(string text, string cause)
    {
        var error = Assert.Throws<EtcdDrException>(() => Parse(text));

        Assert.Equal("ManifestInvalid", error.ErrorId);
        Assert.Contains(cause, error.Message, StringComparison.Ordinal);
        Assert.Contains(Path, error.Message, StringComparison.Ordinal);
        Assert.Contains("node m1", error.Message, StringComparison.Ordinal);
    }

    private static StaticPodManifest Parse(string text) => StaticPodManifest.Parse("m1", Path, text);
}
