using EtcdDr.Engine.Clusters.Profiles;

namespace EtcdDr.Tests.Clusters;

public sealed class EtcdProfileTests
{
    private const string File = "/srv/dr/etcddr.yaml";

    [Fact]
    public void A_cluster_takes_the_defaults_where_it_says_nothing()
    {
        var profile = EtcdProfile.Parse(
            File,
            """
            defaults:
              ssh: {user: opc, keyFile: keys/id, port: 2222, jumpHosts: bastion}
              etcd: {toolPath: /usr/local/bin}
              recycle: {workloads: false, infrastructurePods: [flannel]}
            clusters:
              primary:
                kubeconfig: primary.conf
                ssh: {port: 22, keyFile: /other/id}
                etcd: {clientPort: 12379, fanOutPort: 12380}
                nodes: {m1: 10.0.0.1, m2: 10.0.0.2}
              secondary:
                kubeconfig: /abs/secondary.conf
                context: admin@dr
                serverAddress: 10.9.0.1:6443
            """
        );

        var primary = profile.Cluster("PRIMARY");
        Assert.Equal(["primary", "secondary"], profile.Clusters);
        Assert.Equal("/srv/dr/primary.conf", primary.Kubeconfig.Path);
        Assert.Equal(("opc", 22, "/other/id"), (primary.Ssh.Settings.User, primary.Ssh.Settings.Port, primary.Ssh.Settings.KeyFile));
        Assert.Equal(["bastion"], primary.Ssh.Settings.JumpHosts);
        Assert.Equal(["/other/id"], primary.Ssh.Files.Select(f => f.Path));
        Assert.Equal((12379, 12380, "/usr/local/bin"), (primary.Etcd.ClientPort, primary.Etcd.FanOutPort, primary.Etcd.ToolPath));
        Assert.False(primary.Recycle.Workloads);
        Assert.True(primary.Recycle.Kubelets);
        Assert.Equal(["flannel"], primary.Recycle.InfrastructurePods);
        Assert.Equal("10.0.0.2", primary.NodeAddresses["m2"]);
        Assert.Empty(primary.Nodes);
        var secondary = profile.Cluster("secondary");
        Assert.Equal(("admin@dr", "10.9.0.1:6443", 2222), (secondary.Context, secondary.ServerAddress, secondary.Ssh.Settings.Port));
        Assert.Equal("/srv/dr/keys/id", secondary.Ssh.Settings.KeyFile);
    }

    [Fact]
    public void Places_have_a_path_and_rules_of_what_is_kept_there()
    {
        var profile = EtcdProfile.Parse(
            File,
            """
            clusters:
              c: {kubeconfig: k}
            places:
              here: {path: backups, keep: {last: 7, daily: 14, weekly: 8, monthly: 12, labels: ['before upgrade*']}}
              dr: {path: 'opc@dr-bastion:/restore'}
            """
        );

        Assert.Equal(["/srv/dr/backups", "opc@dr-bastion:/restore"], profile.Places.Select(p => p.Path));
        var keep = Assert.Single(profile.PlacesToKeep(null)).Keep!;
        Assert.Equal((7, 14, 8, 12), (keep.Last, keep.Daily, keep.Weekly, keep.Monthly));
        Assert.Equal(["before upgrade*"], keep.Labels);
        Assert.Equal("here", Assert.Single(profile.PlacesToKeep(["HERE"])).Name);
        var error = Assert.Throws<EtcdDrException>(() => profile.PlacesToKeep(["dr"]));
        Assert.Equal("PlaceNotFound", error.ErrorId);
        Assert.Contains("here", error.RecommendedAction, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{keep: {last: 1}}", "path")]
    [InlineData("{path: /b, keep: {}}", "last")]
    [InlineData("{path: /b, keep: {labels: [x]}}", "last")]
    [InlineData("{path: /b, keep: {last: -1}}", "last")]
    [InlineData("{path: /b, keep: {yearly: 1}}", "yearly")]
    public void A_place_that_says_too_little_or_nonsense_is_refused(string place, string named)
    {
        var error = Assert.Throws<EtcdDrException>(() =>
            EtcdProfile.Parse(File, $"clusters:\n  c: {{kubeconfig: k}}\nplaces:\n  here: {place}\n")
        );

        Assert.Equal("ProfileInvalid", error.ErrorId);
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
        Assert.Contains("line 4", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_list_of_nodes_gives_roles_and_addresses()
    {
        var cluster = EtcdProfile
            .Parse(
                File,
                """
                clusters:
                  c:
                    kubeconfig: k
                    nodes:
                    - {name: m1, role: control-plane, address: 10.0.0.1}
                    - {name: w1, role: worker}
                """
            )
            .Cluster("c");

        Assert.Equal(
            [new ClusterNode("m1", NodeRole.ControlPlane, "10.0.0.1"), new ClusterNode("w1", NodeRole.Worker, "w1")],
            cluster.Nodes
        );
    }

    [Fact]
    public void Hosts_have_addresses_and_settings_over_the_defaults()
    {
        var profile = EtcdProfile.Parse(
            File,
            """
            defaults: {ssh: {user: opc, connectTimeoutSeconds: 5}}
            clusters: {}
            hosts:
              dr-bastion: {address: 10.5.0.2, port: 2022, configFile: none}
              other: {}
            """
        );

        var host = profile.Host("dr-bastion")!;
        Assert.Equal(
            ("10.5.0.2", 2022, "opc", 5, ""),
            (
                host.Address,
                host.Ssh.Settings.Port,
                host.Ssh.Settings.User,
                host.Ssh.Settings.ConnectTimeoutSeconds,
                host.Ssh.Settings.ConfigFile
            )
        );
        Assert.Equal("other", profile.Host("other")!.Address);
        Assert.Null(profile.Host("none"));
    }

    [Theory]
    [InlineData("", 1, "empty")]
    [InlineData("[a]", 1, "must be a mapping")]
    [InlineData("cluster: {}", 1, "'cluster' is not a key of the profile; did you mean 'clusters'?")]
    [InlineData("defaults: {}", 1, "no 'clusters'")]
    [InlineData("clusters:\n  a: text", 2, "the cluster 'a' must be a mapping")]
    [InlineData("clusters:\n  a:\n    context: x", 2, "has no 'kubeconfig'")]
    [InlineData("clusters:\n  a:\n    kubeconfig: k\n    kubeConfig: k", 4, "did you mean 'kubeconfig'?")]
    [InlineData(
        "clusters:\n  a:\n    kubeconfig: k\n    ssh:\n      usr: x",
        5,
        "'usr' is not a key of 'ssh' of the cluster 'a'; did you mean 'user'?"
    )]
    [InlineData(
        "clusters:\n  a:\n    kubeconfig: k\n    ssh:\n      port: ssh",
        5,
        "'port' of 'ssh' of the cluster 'a' must be a whole number from 1 to 65535, not 'ssh'"
    )]
    [InlineData("clusters:\n  a:\n    kubeconfig: k\n    ssh: {port: 99999}", 4, "a whole number from 1 to 65535")]
    [InlineData("clusters:\n  a:\n    kubeconfig: [k]", 3, "'kubeconfig' of the cluster 'a' must be text")]
    [InlineData("clusters:\n  a:\n    kubeconfig: k\n    recycle: {kubelets: maybe}", 4, "must be true or false, not 'maybe'")]
    [InlineData("clusters:\n  a:\n    kubeconfig: k\n    recycle: {infrastructurePods: {x: y}}", 4, "must be a list of texts")]
    [InlineData("clusters:\n  a:\n    kubeconfig: k\n    ssh: {password: hunter2}", 4, "a profile holds no secrets")]
    [InlineData("clusters:\n  a:\n    kubeconfig: k\n  A:\n    kubeconfig: k", 4, "comes twice")]
    [InlineData("clusters:\n  a:\n    kubeconfig: k\n  a:\n    kubeconfig: k", 4, "comes twice")]
    [InlineData("clusters:\n  a:\n    kubeconfig: k\n    nodes: m1", 4, "a map of node names to addresses")]
    [InlineData("clusters:\n  a:\n    kubeconfig: k\n    nodes:\n    - {role: worker}", 5, "has no 'name'")]
    [InlineData(
        "clusters:\n  a:\n    kubeconfig: k\n    nodes:\n    - {name: x, role: master}",
        5,
        "must be control-plane or worker, not 'master'"
    )]
    [InlineData(
        "clusters:\n  a:\n    kubeconfig: k\n    nodes:\n    - {name: x, role: worker}\n    - {name: y}",
        5,
        "give it to all or to none"
    )]
    [InlineData("clusters:\n  a:\n    kubeconfig: k\n    nodes: {x: }", 4, "the node 'x' has no address")]
    [InlineData("clusters:\n  a:\n    kubeconfig: k\n    etcd: {toolPath: bin}", 4, "an absolute path on the nodes")]
    [InlineData("clusters:\n  a: [\n", 0, "")]
    public void What_is_wrong_is_an_error_that_names_file_line_and_key(string text, int line, string cause)
    {
        var error = Assert.Throws<EtcdDrException>(() => EtcdProfile.Parse(File, text));

        Assert.Equal("ProfileInvalid", error.ErrorId);
        Assert.Contains(line > 0 ? $"{File}, line {line}:" : $"{File}, line ", error.Message, StringComparison.Ordinal);
        Assert.Contains(cause, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_example_of_the_manual_is_a_profile()
    {
        var page = System.IO.File.ReadAllText(Path.Combine(Repository.Root, "docs", "en-US", "about_EtcdDr_Profiles.md"));
        var example = page.Split("```yaml\n")[1].Split("```")[0];

        var profile = EtcdProfile.Parse(File, example);

        Assert.Equal(["primary", "secondary"], profile.Clusters);
        Assert.Contains("dr-bastion", profile.Hosts);
        Assert.Equal("10.5.176.144", profile.Cluster("secondary").NodeAddresses["olk8-m1"]);
    }
}
