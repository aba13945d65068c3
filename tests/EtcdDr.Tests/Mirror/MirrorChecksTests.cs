using System.Text.Json.Nodes;
using EtcdDr.Engine.Mirror;

namespace EtcdDr.Tests.Mirror;

public sealed class MirrorChecksTests
{
    [Fact]
    public void An_unchanged_pair_gives_neither_fail_nor_warning() => Assert.Empty(Fired(Site("10.0.1."), Site("10.0.2.")));

    [Fact]
    public void Every_check_says_something() =>
        Assert.Equal(MirrorChecks.Names, MirrorChecks.Judge(Site("10.0.1."), Site("10.0.2."), [], []).Select(c => c.Name).Distinct());

    [Fact]
    public void What_could_not_be_read_does_not_pass()
    {
        var unknown = new SiteFacts { Name = "x", Nodes = [] };

        var checks = MirrorChecks.Judge(unknown, unknown, [], ["KubeApi"]);

        Assert.All(checks, c => Assert.Equal(MirrorStatus.Information, c.Status));
    }

    [Fact]
    public void Names_with_wildcards_choose_checks() => Assert.Equal(
        ["EtcdHealth", "EtcdSpace"], MirrorChecks.Judge(Site("10.0.1."), Site("10.0.2."), ["Etcd*"], ["*Version"]).Select(c => c.Name).Distinct());

    [Fact]
    public void A_missing_worker_fires_alone() => Fires("NodeNames", s => s with { Nodes = [.. s.Nodes.Where(n => n.Name != "w2")] });

    [Fact]
    public void An_address_as_endpoint_fires_alone() => Fires("EndpointName", s => s with { Server = new Uri("https://10.0.2.100:6443") });

    [Fact]
    public void Another_port_of_the_endpoint_fires_alone() => Fires("EndpointName", s => s with { Server = new Uri("https://lb.example.com:8443") });

    [Fact]
    public void An_endpoint_that_resolves_to_the_primary_fires_alone() => Fires("EndpointResolution", s => Probe(s, "w1", p => p with
    {
        Names = With(p.Names, "lb.example.com", "10.0.1.100"),
    }));

    [Fact]
    public void A_node_name_that_resolves_to_the_wrong_site_fires_alone() => Fires("NodeResolution", s => Probe(s, "w1", p => p with
    {
        Names = With(p.Names, "cp2", "10.0.1.2"),
    }));

    [Fact]
    public void A_node_may_resolve_its_own_name_to_loopback() => Assert.Empty(Fired(Site("10.0.1."), Probe(Site("10.0.2."), "w1", p => p with
    {
        Names = With(p.Names, "w1", "127.0.1.1"),
    })));

    [Fact]
    public void Dns_first_against_files_first_fires_alone() => Fires("NameServiceOrder", s => Probe(s, "w2", p => p with { NameServices = ["dns", "files"] }));

    [Fact]
    public void A_clock_that_is_off_fires_alone() => Fires("Clock", s => Probe(s, "cp2", p => p with { ClockAtLeast = 29.9, ClockAtMost = 30.4 }));

    [Fact]
    public void A_slow_answer_is_no_wrong_clock() =>
        Assert.Empty(Fired(Site("10.0.1."), Probe(Site("10.0.2."), "cp2", p => p with { ClockAtLeast = -5, ClockAtMost = 0.1 })));

    [Fact]
    public void Kubernetes_a_minor_apart_fires_alone() => Assert.Equal(MirrorStatus.Fail, Fires("KubernetesVersion", s => s with { KubernetesVersion = "v1.35.0" }).Status);

    [Fact]
    public void Kubernetes_a_patch_apart_is_a_warning() => Assert.Equal(MirrorStatus.Warning, Fires("KubernetesVersion", s => s with { KubernetesVersion = "v1.36.2" }).Status);

    [Fact]
    public void Another_service_cidr_fires_alone() => Fires("ServiceCidr", s => s with { ServiceCidr = "10.97.0.0/16" });

    [Fact]
    public void Another_pod_cidr_fires_alone() => Fires("PodCidr", s => s with { PodCidr = "10.245.0.0/16" });

    [Fact]
    public void Another_issuer_fires_alone() => Fires("ServiceAccountIssuer", s => s with { ServiceAccountIssuer = "https://other" });

    [Fact]
    public void Encryption_on_one_site_fires_alone() => Fires("EncryptionAtRest", s => s with { EncryptionAtRest = true });

    [Fact]
    public void Other_admission_plugins_fire_alone() => Fires("Admission", s => s with { Admission = "+AlwaysPullImages - Node,RBAC" });

    [Fact]
    public void Less_memory_than_pods_request_fires_alone_with_the_numbers()
    {
        var check = Fires("Capacity", s => Objects(s, "nodes", s.Nodes.Select(n => Node(n.Name, memory: "500Mi"))));

        Assert.Equal((MirrorStatus.Fail, "3.0 GiB", "2.0 GiB"), (check.Status, check.PrimaryValue, check.SecondaryValue));
    }

    [Fact]
    public void Half_the_memory_that_still_bears_the_requests_is_a_warning() =>
        Assert.Equal(MirrorStatus.Warning, Fires("Capacity", s => Objects(s, "nodes", s.Nodes.Select(n => Node(n.Name, memory: "2Gi")))).Status);

    [Fact]
    public void A_missing_storage_class_fires_alone() => Fires("StorageClasses", s => Objects(s, "storageclasses.storage.k8s.io", []));

    [Fact]
    public void A_storage_server_out_of_reach_fires_alone() => Fires("NfsReach", s => Probe(s, "w1", p => p with
    {
        Reach = new Dictionary<string, bool?>(p.Reach) { ["nfs.example.com:2049"] = false },
    }));

    [Fact]
    public void Storage_servers_are_those_of_volumes_and_pods() => Assert.Equal(["nfs.example.com:2049"], EtcdDr.Engine.Mirror.Checks.NfsCheck.Servers(Site("10.0.1.")));

    [Fact]
    public void A_closed_peer_port_fires_alone() => Fires("NodeReach", s => Probe(s, "cp1", p => p with
    {
        Reach = new Dictionary<string, bool?>(p.Reach) { ["10.0.2.2:2380"] = false },
    }));

    [Fact]
    public void A_node_without_sudo_fires_alone() => Fires("Sudo", s => Away(s, "w1", "SudoPasswordRequired"));

    [Fact]
    public void An_unknown_host_key_fires_alone() => Fires("HostKeys", s => Away(s, "cp2", "HostKeyUnknown"));

    [Fact]
    public void A_node_that_is_away_fires_alone() => Fires("SshAccess", s => Away(s, "cp2", "HostUnreachable"));

    [Fact]
    public void External_etcd_fires_alone() => Fires("StackedEtcd", s => Away(s, "cp1", "ExternalEtcd"));

    [Fact]
    public void A_member_with_an_alarm_fires_alone() => Fires("EtcdHealth", s => s with
    {
        Members = [.. s.Members.Select(m => m.Node == "cp2" ? m with { Healthy = false, Alarms = ["NOSPACE"] } : m)],
    });

    [Fact]
    public void A_lost_label_and_a_selector_by_it_fire() => Assert.Equal(
        ["NodeLabels", "NodeSelectors"],
        Fired(Site("10.0.1."), Objects(Site("10.0.2."), "nodes", Site("10.0.2.").Nodes.Select(n => Node(n.Name, disk: "hdd")))).Select(c => c.Name).Distinct());

    [Fact]
    public void A_dead_api_of_the_secondary_fails() => Assert.Contains(
        Fired(Site("10.0.1."), Site("10.0.2.") with { ApiFailure = new EtcdDrException("KubeApiUnreachable", EtcdDrErrorCategory.ConnectionError, "It is away.", "Start it.") }), c => c.Name == "KubeApi");

    [Theory]
    [InlineData("250m", 0.25)]
    [InlineData("2", 2)]
    [InlineData("1.5Gi", 1610612736)]
    [InlineData("1e3", 1000)]
    [InlineData("128974848", 128974848)]
    [InlineData("3k", 3000)]
    [InlineData("100n", 0.0000001)]
    [InlineData("nonsense", 0)]
    public void Quantities_are_read_as_kubernetes_writes_them(string text, double value) => Assert.Equal((decimal)value, KubeQuantity.Parse(text));

    [Fact]
    public void What_the_script_prints_is_read()
    {
        const string text = "clock 1000.5\nnsswitch files dns\naddress 10.0.0.1 fd00::1 \nkubeadm v1.36.1\nname cp1 10.0.0.1 \nname lb \nreach 10.0.0.2:2380 yes\nreach nfs:2049 no\nreach x:1 unknown\nimage docker.io/a:1\nclock 1002.5\n";

        var probe = NodeProbe.Parse(text, DateTimeOffset.FromUnixTimeSeconds(970), DateTimeOffset.FromUnixTimeSeconds(973));

        Assert.Equal(["files", "dns"], probe.NameServices);
        Assert.Equal((29.5, 30.5), (probe.ClockAtLeast, probe.ClockAtMost));
        Assert.Equal([true, false, null], probe.Reach.Values);
        Assert.Equal(["10.0.0.1"], probe.Names["cp1"]);
        Assert.Empty(probe.Names["lb"]);
        Assert.Equal("v1.36.1", probe.Kubeadm);
        Assert.Contains("docker.io/a:1", probe.Images);
    }

    private static MirrorCheck Fires(string name, Func<SiteFacts, SiteFacts> change)
    {
        var fired = Fired(Site("10.0.1."), change(Site("10.0.2.")));
        Assert.Equal([name], fired.Select(c => c.Name).Distinct());
        Assert.All(fired, c => Assert.False(string.IsNullOrEmpty(c.Remedy)));
        return fired[0];
    }

    private static List<MirrorCheck> Fired(SiteFacts primary, SiteFacts secondary) =>
        [.. MirrorChecks.Judge(primary, secondary, [], []).Where(c => c.Status is MirrorStatus.Fail or MirrorStatus.Warning)];

    private static SiteFacts Site(string network)
    {
        (string Name, NodeRole Role)[] nodes = [("cp1", NodeRole.ControlPlane), ("cp2", NodeRole.ControlPlane), ("w1", NodeRole.Worker), ("w2", NodeRole.Worker)];
        var names = nodes.Select((n, i) => (n.Name, Address: $"{network}{i + 1}")).Append((Name: "lb.example.com", Address: $"{network}100"))
            .ToDictionary(n => n.Name, n => (IReadOnlyList<string>)[n.Address]);
        return new SiteFacts
        {
            Name = network,
            Server = new Uri("https://lb.example.com:6443"),
            KubernetesVersion = "v1.36.1",
            PodCidr = "10.244.0.0/16",
            ServiceCidr = "10.96.0.0/12",
            ServiceAccountIssuer = "https://kubernetes.default.svc",
            EncryptionAtRest = false,
            Admission = "+NodeRestriction - Node,RBAC",
            EtcdVersion = "3.6.5",
            DbSize = 100_000_000,
            Nodes = [.. nodes.Select((n, i) => new SiteNode(n.Name, n.Role, $"{network}{i + 1}")
            {
                Probe = new NodeProbe
                {
                    NameServices = ["files", "dns"],
                    Addresses = new HashSet<string> { $"{network}{i + 1}" },
                    Names = names,
                    Reach = new Dictionary<string, bool?> { ["lb.example.com:6443"] = true, ["nfs.example.com:2049"] = true },
                    ClockAtLeast = -0.1,
                    ClockAtMost = 0.2,
                },
            })],
            Members = [.. nodes[..2].Select(n => new EtcdMemberStatus { Cluster = network, Node = n.Name, Endpoint = "", Healthy = true, Version = "3.6.5" })],
            Objects = new Dictionary<string, IReadOnlyList<JsonObject>>
            {
                ["nodes"] = [.. nodes.Select(n => Node(n.Name))],
                ["pods"] = [Of("""{"metadata": {"namespace": "a", "name": "p"}, "spec": {"nodeSelector": {"disk": "ssd"}, "containers": [{"image": "a", "resources": {"requests": {"cpu": "500m", "memory": "3Gi"}}}]}}""")],
                ["services"] = [],
                ["persistentvolumes"] = [Of("""{"metadata": {"name": "v"}, "spec": {"nfs": {"server": "nfs.example.com", "path": "/x"}}}""")],
                ["storageclasses.storage.k8s.io"] = [Of("""{"metadata": {"name": "fast"}}""")],
                ["csidrivers.storage.k8s.io"] = [],
            },
        };
    }

    private static JsonObject Node(string name, string memory = "4Gi", string disk = "ssd") => Of(
        $$$"""{"metadata": {"name": "{{{name}}}", "labels": {"disk": "{{{disk}}}"} }, "status": {"allocatable": {"cpu": "4", "memory": "{{{memory}}}", "pods": "110"}, "nodeInfo": {"kubeletVersion": "v1.36.1"} } }""");

    private static JsonObject Of(string json) => (JsonObject)JsonNode.Parse(json)!;

    private static SiteFacts Objects(SiteFacts site, string resource, IEnumerable<JsonObject> objects) =>
        site with { Objects = new Dictionary<string, IReadOnlyList<JsonObject>>(site.Objects) { [resource] = [.. objects] } };

    private static SiteFacts Probe(SiteFacts site, string node, Func<NodeProbe, NodeProbe> change) =>
        site with { Nodes = [.. site.Nodes.Select(n => n.Name == node ? n with { Probe = change(n.Probe!) } : n)] };

    private static SiteFacts Away(SiteFacts site, string node, string errorId) => site with
    {
        Nodes = [.. site.Nodes.Select(n => n.Name == node ? n with { Probe = null, Failure = new EtcdDrException(errorId, EtcdDrErrorCategory.ConnectionError, "It is so.", "Mend it.") } : n)],
        Members = [.. site.Members.Select(m => m.Node == node ? m with { Healthy = false, Errors = ["it is so"] } : m)],
    };

    private static Dictionary<string, IReadOnlyList<string>> With(IReadOnlyDictionary<string, IReadOnlyList<string>> names, string name, string address) =>
        new(names) { [name] = [address] };
}
