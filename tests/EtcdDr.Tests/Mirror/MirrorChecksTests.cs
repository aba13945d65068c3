using System.Text.Json.Nodes;
using EtcdDr.Engine.Mirror;
using EtcdDr.Engine.Nodes;
using static EtcdDr.Tests.Mirror.MirrorSamples;

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
    public void Names_with_wildcards_choose_checks() =>
        Assert.Equal(
            ["EtcdHealth", "EtcdPorts", "EtcdFlags", "EtcdOverrides"],
            MirrorChecks.Judge(Site("10.0.1."), Site("10.0.2."), ["Etcd*"], ["*Version"]).Select(c => c.Name).Distinct()
        );

    [Fact]
    public void A_missing_worker_fires_alone() => Assert.Equal(MirrorStatus.Fail, Fires("WorkerNames", s => Without(s, "w2")).Status);

    [Fact]
    public void A_worker_more_is_a_warning() =>
        Assert.Equal(
            [(MirrorStatus.Warning, "WorkerNames")],
            Fired(Without(Site("10.0.1."), "w2"), Site("10.0.2.")).Select(c => (c.Status, c.Name))
        );

    [Fact]
    public void A_renamed_control_plane_node_fires_alone() =>
        Fires("NodeNames", s => WithObjects(s, "nodes", s.Nodes.Select(n => Node(n.Name == "cp2" ? "other" : n.Name, n.Role))));

    [Fact]
    public void A_profile_of_the_control_plane_alone_says_nothing_of_workers() =>
        Assert.Empty(
            Fired(
                Site("10.0.1."),
                Site("10.0.2.") with
                {
                    Nodes = [.. Site("10.0.2.").Nodes.Where(n => n.Role == NodeRole.ControlPlane)],
                    Objects = new Dictionary<string, IReadOnlyList<JsonObject>>(),
                }
            )
        );

    [Fact]
    public void An_address_as_endpoint_fires_alone() => Fires("EndpointName", s => s with { Server = new Uri("https://10.0.2.100:6443") });

    [Fact]
    public void Another_port_of_the_endpoint_fires_alone() =>
        Fires("EndpointName", s => s with { Server = new Uri("https://lb.example.com:8443") });

    [Fact]
    public void An_endpoint_that_resolves_to_the_primary_fires_alone() =>
        Fires("EndpointResolution", s => Probe(s, "w1", p => p with { Names = With(p.Names, "lb.example.com", "10.0.1.100") }));

    [Fact]
    public void An_endpoint_that_shows_a_foreign_certificate_fires_alone() =>
        Fires(
            "EndpointResolution",
            s => Probe(s, "w1", p => p with { ServesOwnCluster = new Dictionary<string, bool?> { ["lb.example.com:6443"] = false } })
        );

    [Fact]
    public void A_machine_that_asks_the_primarys_side_is_told() =>
        Assert.Equal(
            ["KubeApi", "EndpointResolution"],
            Fired(Site("10.0.1."), Site("10.0.2.") with { EndpointAddresses = ["10.0.1.100"], ApiFailure = Away() }).Select(c => c.Name)
        );

    [Fact]
    public void Another_control_plane_endpoint_fires_alone() =>
        Assert.Equal(MirrorStatus.Fail, Fires("EndpointName", s => s with { ControlPlaneEndpoint = "other.example.com:6443" }).Status);

    [Fact]
    public void An_address_as_control_plane_endpoint_fires_alone() =>
        Fires("EndpointName", s => s with { ControlPlaneEndpoint = "10.0.2.100:6443" });

    [Fact]
    public void A_certificate_without_the_endpoints_name_fires_alone() =>
        Fires("EndpointCertificate", s => Probe(s, "cp2", p => p with { ApiServerCertificate = Certificate("other.example.com") }));

    [Fact]
    public void A_node_name_that_does_not_resolve_is_a_warning() =>
        Assert.Equal(
            MirrorStatus.Warning,
            Fires("NodeResolution", s => Probe(s, "w1", p => p with { Names = With(p.Names, "cp2") })).Status
        );

    [Fact]
    public void A_node_name_that_resolves_to_the_wrong_site_fires_alone() =>
        Fires("NodeResolution", s => Probe(s, "w1", p => p with { Names = With(p.Names, "cp2", "10.0.1.2") }));

    [Fact]
    public void A_node_may_resolve_its_own_name_to_loopback() =>
        Assert.Empty(Fired(Site("10.0.1."), Probe(Site("10.0.2."), "w1", p => p with { Names = With(p.Names, "w1", "127.0.1.1") })));

    [Fact]
    public void Dns_first_against_files_first_fires_alone() =>
        Fires("NameServiceOrder", s => Probe(s, "w2", p => p with { NameServices = ["dns", "files"] }));

    [Fact]
    public void A_clock_that_is_off_fires_alone() =>
        Fires("Clock", s => Probe(s, "cp2", p => p with { ClockAtLeast = 29.9, ClockAtMost = 30.4 }));

    [Theory]
    [InlineData(8.5, "behind the nodes'")]
    [InlineData(-8.5, "ahead of the nodes'")]
    public void A_bastion_whose_clock_is_off_all_nodes_is_told_so(double ahead, string words)
    {
        var site = Site("10.0.2.");
        foreach (var node in site.Nodes.Select(n => n.Name).ToList())
        {
            site = Probe(site, node, p => p with { ClockAtLeast = ahead - 0.1, ClockAtMost = ahead + 0.1 });
        }

        var check = Assert.Single(Fired(Site("10.0.1."), site));

        Assert.Equal(("Clock", MirrorStatus.Warning), (check.Name, check.Status));
        Assert.Contains($"8.5 s {words}", check.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_slow_answer_is_no_wrong_clock() =>
        Assert.Empty(Fired(Site("10.0.1."), Probe(Site("10.0.2."), "cp2", p => p with { ClockAtLeast = -5, ClockAtMost = 0.1 })));

    [Fact]
    public void Kubernetes_a_minor_apart_fires_alone() =>
        Assert.Equal(MirrorStatus.Fail, Fires("KubernetesVersion", s => s with { KubernetesVersion = "v1.35.0" }).Status);

    [Fact]
    public void Kubernetes_a_patch_apart_is_a_warning() =>
        Assert.Equal(MirrorStatus.Warning, Fires("KubernetesVersion", s => s with { KubernetesVersion = "v1.36.2" }).Status);

    [Fact]
    public void Another_service_cidr_fires_alone() =>
        Fires("ServiceCidr", s => ApiServer(s, "--service-cluster-ip-range=10.96.0.0/12", "--service-cluster-ip-range=10.97.0.0/16"));

    [Fact]
    public void Another_pod_cidr_fires_alone() => Fires("PodCidr", s => s with { PodCidr = "10.245.0.0/16" });

    [Fact]
    public void Another_issuer_fires_alone() =>
        Fires("ServiceAccountIssuer", s => ApiServer(s, "issuer=https://kubernetes.default.svc", "issuer=https://other"));

    [Fact]
    public void An_apiserver_that_differs_from_the_others_is_named() =>
        Assert.Equal(
            "cp2",
            Fires("ServiceAccountIssuer", s => ApiServer(s, "issuer=https://kubernetes.default.svc", "issuer=https://other", "cp2")).Node
        );

    [Fact]
    public void A_setting_that_only_a_snapshots_manifest_tells_is_judged() =>
        Assert.Equal(
            ["ServiceAccountIssuer"],
            Fired(Settings(Site("10.0.1."), s => s with { ServiceAccountIssuer = "https://other" }), Site("10.0.2.")).Select(c => c.Name)
        );

    [Fact]
    public void Encryption_on_one_site_fires_alone() =>
        Fires(
            "EncryptionAtRest",
            s =>
                ApiServer(s, "- --allow-privileged=true", "- --encryption-provider-config=/etc/kubernetes/enc.yaml", "cp1") with
                {
                    EncryptionAtRest = null,
                }
        );

    [Fact]
    public void Other_admission_plugins_fire_alone() => Fires("Admission", s => ApiServer(s, "NodeRestriction", "AlwaysPullImages"));

    [Fact]
    public void A_configuration_of_admission_plugins_on_one_site_fires_alone() =>
        Fires(
            "Admission",
            s => ApiServer(s, "- --allow-privileged=true", "- --admission-control-config-file=/etc/kubernetes/admission.yaml")
        );

    [Fact]
    public void Less_memory_than_pods_request_fires_alone_with_the_numbers()
    {
        var check = Fires("Capacity", s => WithObjects(s, "nodes", s.Nodes.Select(n => Node(n.Name, n.Role, memory: "500Mi"))));

        Assert.Equal((MirrorStatus.Fail, "3.0 GiB", "2.0 GiB"), (check.Status, check.PrimaryValue, check.SecondaryValue));
    }

    [Fact]
    public void Half_the_memory_that_still_bears_the_requests_is_a_warning() =>
        Assert.Equal(
            MirrorStatus.Warning,
            Fires("Capacity", s => WithObjects(s, "nodes", s.Nodes.Select(n => Node(n.Name, n.Role, memory: "2Gi")))).Status
        );

    [Fact]
    public void Pods_that_found_no_node_on_the_primary_are_no_measure() =>
        Assert.Empty(
            Fired(
                WithObjects(
                    Site("10.0.1."),
                    "pods",
                    [
                        Of(
                            """
                            {"metadata": {"namespace": "a", "name": "p"}, "spec": {"containers": [{"image": "a:1",
                              "resources": {"requests": {"memory": "900Gi"}}}]}}
                            """
                        ),
                    ]
                ),
                Site("10.0.2.")
            )
        );

    [Fact]
    public void A_sidecar_counts_beside_the_containers() =>
        Assert.Equal(
            "4.0 GiB",
            Assert
                .Single(
                    Fired(
                        WithObjects(
                            Site("10.0.1."),
                            "pods",
                            [
                                Of(
                                    """
                                    {"metadata": {"namespace": "a", "name": "p"}, "spec": {"nodeName": "w1",
                                      "initContainers": [{"image": "b:1", "restartPolicy": "Always",
                                      "resources": {"requests": {"memory": "1Gi"}}}], "containers": [{"image": "a:1",
                                      "resources": {"requests": {"memory": "3Gi"}}}]}}
                                    """
                                ),
                            ]
                        ),
                        WithObjects(Site("10.0.2."), "nodes", Site("10.0.2.").Nodes.Select(n => Node(n.Name, n.Role, memory: "900Mi")))
                    ),
                    c => c.Status == MirrorStatus.Fail
                )
                .PrimaryValue
        );

    [Fact]
    public void A_missing_storage_class_that_claims_use_fires_alone() =>
        Assert.Equal(MirrorStatus.Fail, Fires("StorageClasses", s => WithObjects(s, "storageclasses.storage.k8s.io", [])).Status);

    [Fact]
    public void A_missing_storage_class_that_nothing_uses_is_a_warning() =>
        Assert.Equal(
            [(MirrorStatus.Warning, "StorageClasses")],
            Fired(
                    WithObjects(Site("10.0.1."), "persistentvolumeclaims", []),
                    WithObjects(Site("10.0.2."), "storageclasses.storage.k8s.io", [])
                )
                .Select(c => (c.Status, c.Name))
        );

    [Theory]
    [InlineData("CsiDrivers", "csidrivers.storage.k8s.io")]
    [InlineData("PriorityClasses", "priorityclasses.scheduling.k8s.io")]
    [InlineData("RuntimeClasses", "runtimeclasses.node.k8s.io")]
    [InlineData("IngressClasses", "ingressclasses.networking.k8s.io")]
    public void Missing_objects_that_workloads_name_fire_alone(string check, string resource) =>
        Assert.Equal(
            [(check, "needed")],
            Fired(WithObjects(Site("10.0.1."), resource, [Of("""{"metadata": {"name": "needed"}}""")]), Site("10.0.2."))
                .Select(c => (c.Name, c.PrimaryValue))
        );

    [Fact]
    public void A_node_selector_that_no_node_satisfies_fires_alone() =>
        Assert.Equal(
            ["NodeSelectors"],
            Fired(
                    WithObjects(
                        Site("10.0.1."),
                        "pods",
                        [Of("""{"metadata": {"namespace": "a", "name": "p"}, "spec": {"nodeSelector": {"gpu": "yes"}}}""")]
                    ),
                    Site("10.0.2.")
                )
                .Select(c => c.Name)
        );

    [Fact]
    public void Images_that_no_node_has_are_information() =>
        Assert.Contains(
            "example.com/shop:2",
            Says(
                "Images",
                MirrorStatus.Information,
                WithObjects(
                    Site("10.0.1."),
                    "pods",
                    [Of("""{"metadata": {"name": "p"}, "spec": {"containers": [{"image": "example.com/shop:2"}]}}""")]
                ),
                Site("10.0.2.")
            ).Message
        );

    [Theory]
    [InlineData("busybox:1.36")]
    [InlineData("docker.io/library/busybox:1.36")]
    [InlineData("nginx")]
    public void Images_that_nodes_have_are_found_by_their_short_names(string image) =>
        Says(
            "Images",
            MirrorStatus.Pass,
            WithObjects(
                Site("10.0.1."),
                "pods",
                [new JsonObject { ["spec"] = new JsonObject { ["containers"] = new JsonArray(new JsonObject { ["image"] = image }) } }]
            ),
            Site("10.0.2.")
        );

    [Fact]
    public void Services_that_want_a_load_balancer_are_information() =>
        Assert.Contains(
            "a/front",
            Says(
                "LoadBalancers",
                MirrorStatus.Information,
                WithObjects(
                    Site("10.0.1."),
                    "services",
                    [Of("""{"metadata": {"namespace": "a", "name": "front"}, "spec": {"type": "LoadBalancer"}}""")]
                ),
                Site("10.0.2.")
            ).Message
        );

    [Theory]
    [InlineData("validatingwebhookconfigurations.admissionregistration.k8s.io")]
    [InlineData("mutatingwebhookconfigurations.admissionregistration.k8s.io")]
    public void A_webhook_whose_service_is_missing_fires_alone(string resource) =>
        Assert.Equal(
            ["Webhooks"],
            Fired(
                    WithObjects(
                        Site("10.0.1."),
                        resource,
                        [
                            Of(
                                """
                                {"metadata": {"name": "policy"},
                                  "webhooks": [{"clientConfig": {"service": {"namespace": "a", "name": "gone"}}}]}
                                """
                            ),
                        ]
                    ),
                    Site("10.0.2.")
                )
                .Select(c => c.Name)
        );

    [Fact]
    public void A_kubelet_a_minor_apart_fires_alone() =>
        Assert.Equal(
            "w1",
            Fires(
                "KubeletVersion",
                s => WithObjects(s, "nodes", s.Nodes.Select(n => Node(n.Name, n.Role, kubelet: n.Name == "w1" ? "v1.35.4" : "v1.36.1")))
            ).Node
        );

    [Fact]
    public void Kubelets_and_kubeadm_of_a_cluster_a_minor_apart_are_told_of_once() =>
        Assert.Equal(
            ["KubernetesVersion"],
            Fired(
                    Site("10.0.1."),
                    Probe(
                        WithObjects(
                            Site("10.0.2.") with
                            {
                                KubernetesVersion = "v1.35.3",
                            },
                            "nodes",
                            Site("10.0.2.").Nodes.Select(n => Node(n.Name, n.Role, kubelet: "v1.35.3"))
                        ),
                        "cp1",
                        p => p with { Kubeadm = "v1.35.3" }
                    )
                )
                .Select(c => c.Name)
        );

    [Fact]
    public void Another_container_runtime_is_information() =>
        Assert.Equal(
            "containerd://1.7.0, Debian",
            Says(
                "NodeSoftware",
                MirrorStatus.Information,
                Site("10.0.1."),
                WithObjects(
                    Site("10.0.2."),
                    "nodes",
                    Site("10.0.2.").Nodes.Select(n => Node(n.Name, n.Role, runtime: "containerd://1.7.0"))
                )
            ).SecondaryValue
        );

    [Fact]
    public void Kubeadm_a_minor_apart_fires_alone() =>
        Assert.Equal("cp1", Fires("KubeadmVersion", s => Probe(s, "cp1", p => p with { Kubeadm = "v1.35.0" })).Node);

    [Fact]
    public void Etcd_a_minor_apart_fires_alone() =>
        Assert.Equal(
            ("cp2", "3.5.21"),
            Fires("EtcdVersion", s => Facts(s, "cp2", f => f with { Programs = MirrorSamples.Programs("3.5.21") })) is var c
                ? (c.Node, c.SecondaryValue)
                : default
        );

    [Fact]
    public void No_tool_on_any_node_fires_alone() =>
        Fires("RestoreTool", s => Facts(s, null, f => f with { Programs = MirrorSamples.NoTools }));

    [Fact]
    public void One_nodes_tool_is_enough_for_all() =>
        Assert.Empty(Fired(Site("10.0.1."), Facts(Site("10.0.2."), "cp1", f => f with { Programs = MirrorSamples.NoTools })));

    [Fact]
    public void A_tool_to_upload_is_enough() =>
        Assert.Empty(
            Fired(
                Site("10.0.1."),
                Facts(Site("10.0.2."), null, f => f with { Programs = MirrorSamples.NoTools }) with
                {
                    UploadTool = typeof(MirrorChecksTests).Assembly.Location,
                }
            )
        );

    [Fact]
    public void Tools_that_cannot_raise_revisions_fire_alone()
    {
        static SiteFacts Old(SiteFacts site) =>
            Facts(site, null, f => f with { Programs = MirrorSamples.Programs("3.5.9") }) with
            {
                EtcdVersion = "3.5.9",
                Members = [.. site.Members.Select(m => m with { Version = "3.5.9" })],
            };

        var check = Assert.Single(Fired(Old(Site("10.0.1.")), Old(Site("10.0.2."))));

        Assert.Equal(("RestoreTool", MirrorStatus.Warning), (check.Name, check.Status));
        Assert.Contains("etcdutl 3.5.9", check.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tool_to_upload_that_is_not_there_fires_alone() => Fires("RestoreTool", s => s with { UploadTool = "/nowhere/etcdutl" });

    [Fact]
    public void A_full_disk_fires_alone() =>
        Assert.Equal("cp2", Fires("FreeSpace", s => Facts(s, "cp2", f => f with { Probe = Measured(f, "data-free", "1000") })).Node);

    [Theory]
    [InlineData("340000000", false, MirrorStatus.Fail)]
    [InlineData("410000000", false, null)]
    [InlineData("140000000", true, MirrorStatus.Warning)]
    [InlineData("145000000", true, null)]
    public void Space_counts_both_segments_of_a_new_log_and_a_stage_needs_the_second_only(string free, bool staged, MirrorStatus? status)
    {
        var site = Facts(Site("10.0.2."), "cp2", f => f with { Probe = Measured(f, "data-free", free) });

        var fired = Fired(Site("10.0.1."), site with { Nodes = [.. site.Nodes.Select(n => n with { Staged = staged })] });

        Assert.Equal(status is { } one ? [("FreeSpace", "cp2", one)] : [], fired.Select(c => (c.Name, c.Node!, c.Status)));
    }

    [Theory]
    [InlineData("127000000", "FreeSpace")]
    [InlineData("128000000", null)]
    public void A_write_ahead_log_of_its_own_needs_room_for_two_segments(string free, string? check)
    {
        var site = Facts(
            Site("10.0.2."),
            "cp2",
            f => f with { Probe = Measured(f with { Probe = Measured(f, "wal-real", "/var/lib/wal") }, "wal-free", free) }
        );

        Assert.Equal(check is null ? [] : [check], Fired(Site("10.0.1."), site).Select(c => c.Name));
    }

    [Fact]
    public void A_node_with_a_stage_needs_no_tool()
    {
        var none = Facts(Site("10.0.2."), null, f => f with { Programs = MirrorSamples.NoTools });

        Assert.Empty(Fired(Site("10.0.1."), none with { Nodes = [.. none.Nodes.Select(n => n with { Staged = true })] }));
    }

    [Fact]
    public void A_full_disk_of_the_configuration_fires_alone() =>
        Fires("FreeSpace", s => Facts(s, "cp1", f => f with { Probe = Measured(f, "config-free", "1000") }));

    [Theory]
    [InlineData("Kubelet", "kubelet", "inactive")]
    [InlineData("ContainerRuntime", "crictl", "no")]
    [InlineData("ContainerRuntime", "runtime-failure", "connection refused (containerd: failed)")]
    [InlineData("DataDirectory", "data-apart", "/var/lib/etcd/member/wal")]
    [InlineData("FileLocks", "flock", "no")]
    public void What_a_control_plane_node_lacks_fires_alone(string check, string fact, string value) =>
        Assert.Equal("cp2", Fires(check, s => Facts(s, "cp2", f => f with { Probe = Measured(f, fact, value) })).Node);

    [Fact]
    public void A_control_plane_that_was_stopped_fires_alone() =>
        Fires("ControlPlane", s => Facts(s, "cp1", f => f with { ControlPlaneIsStopped = true }));

    [Theory]
    [InlineData(-1, MirrorStatus.Fail)]
    [InlineData(5, MirrorStatus.Warning)]
    public void A_certificate_that_expired_while_its_server_ran_fires_alone_by_the_nodes_own_clock(int days, MirrorStatus status)
    {
        var now = new DateTime(2026, 11, 23, 0, 0, 0, DateTimeKind.Utc);

        var fired = Fires(
            "Certificates",
            s =>
                Facts(
                    s,
                    "cp2",
                    f =>
                        f with
                        {
                            Certificates =
                            [
                                new NodeCertificate("/etc/kubernetes/pki/apiserver-etcd-client.crt", now.AddDays(days)),
                                new NodeCertificate("/etc/kubernetes/pki/apiserver.crt", now.AddDays(300)),
                            ],
                            Probe = Measured(f, "clock", $"{new DateTimeOffset(now).ToUnixTimeSeconds()}.123456789"),
                        }
                )
        );

        Assert.Equal(("cp2", status), (fired.Node, fired.Status));
        Assert.Contains("apiserver-etcd-client.crt", fired.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Force_new_cluster_left_in_a_manifest_fires_alone() =>
        Fires(
            "EtcdFlags",
            s => WithEtcd(s, e => e.Replace("    - etcd\n", "    - etcd\n    - --force-new-cluster\n", StringComparison.Ordinal))
        );

    [Fact]
    public void A_quota_below_the_database_fires_alone() =>
        Assert.Equal(["EtcdFlags"], Fired(Site("10.0.1.") with { DbSize = 3L << 30 }, Site("10.0.2.")).Select(c => c.Name).Distinct());

    [Fact]
    public void A_second_etcd_for_events_is_named_because_no_snapshot_holds_it() =>
        Assert.Contains(
            "/events#https://127.0.0.1:4001",
            Fires(
                "EtcdOverrides",
                s =>
                    ApiServer(
                        s,
                        "- --etcd-servers=",
                        "- --etcd-servers-overrides=/events#https://127.0.0.1:4001\n    - --etcd-servers=",
                        "cp2"
                    )
            ).Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void A_copy_of_a_manifest_beside_it_fires_alone() =>
        Assert.Contains(
            "etcd.yaml, etcd.yaml.bak",
            Fires(
                "StaticPods",
                s =>
                    Facts(
                        s,
                        "cp2",
                        f =>
                            f with
                            {
                                Manifests = EtcdDr.Engine.ControlPlane.Manifests.NodeManifests.Parse(
                                    "cp2",
                                    f.Manifests.StaticPodPath,
                                    new Dictionary<string, string>(f.Manifests.Texts) { ["etcd.yaml.bak"] = f.Manifests.Texts["etcd.yaml"] }
                                ),
                            }
                    )
            ).Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void Another_data_directory_and_other_ports_are_information()
    {
        var other = WithEtcd(
            Site("10.0.2."),
            e => e.Replace("/var/lib/etcd", "/data/etcd", StringComparison.Ordinal).Replace(":2380", ":12380", StringComparison.Ordinal)
        );

        Assert.Empty(Fired(Site("10.0.1."), other));
        Assert.Equal(
            ("/var/lib/etcd", "/data/etcd"),
            Says("DataDirectory", MirrorStatus.Information, Site("10.0.1."), other) is var d ? (d.PrimaryValue, d.SecondaryValue) : default
        );
        Assert.Equal(
            ("2379, 2380", "2379, 12380"),
            Says("EtcdPorts", MirrorStatus.Information, Site("10.0.1."), other) is var p ? (p.PrimaryValue, p.SecondaryValue) : default
        );
    }

    [Fact]
    public void A_data_directory_behind_a_link_is_handled_and_told()
    {
        var other = Facts(Site("10.0.2."), "cp1", f => f with { Probe = Measured(f, "data-real", "/mnt/disk/etcd") });

        Assert.Empty(Fired(Site("10.0.1."), other));
        Assert.Contains(
            "leads to /mnt/disk/etcd",
            Says("DataDirectory", MirrorStatus.Information, Site("10.0.1."), other).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_volume_inside_the_data_directory_fires_alone() =>
        Fires(
            "DataDirectory",
            s =>
                WithEtcd(
                    s,
                    e =>
                        e.Replace(
                                "    volumeMounts:\n",
                                "    volumeMounts:\n    - {mountPath: /var/lib/etcd/member/wal, name: wal}\n",
                                StringComparison.Ordinal
                            )
                            .Replace("  volumes:\n", "  volumes:\n  - {hostPath: {path: /fast/wal}, name: wal}\n", StringComparison.Ordinal)
                )
        );

    [Fact]
    public void An_apiserver_that_is_not_ready_fires_alone() =>
        Assert.Equal(
            "cp2",
            Fires(
                "ApiServers",
                s => s with { Nodes = [.. s.Nodes.Select(n => n.Name == "cp2" ? n with { ApiServerFailure = "It is away." } : n)] }
            ).Node
        );

    [Fact]
    public void A_storage_server_out_of_reach_fires_alone() =>
        Fires(
            "NfsReach",
            s => Probe(s, "w1", p => p with { Reach = new Dictionary<string, Reach>(p.Reach) { ["nfs.example.com:2049"] = Reach.Refused } })
        );

    [Fact]
    public void Storage_servers_are_those_of_volumes_and_pods() =>
        Assert.Equal(["nfs.example.com:2049"], StorageServers.Of(Site("10.0.1.")));

    [Fact]
    public void Storage_servers_are_those_of_iscsi_and_of_nfs_by_csi_too() =>
        Assert.Equal(
            ["10.9.0.1:3260", "10.9.0.2:3261", "nas.example.com:2049"],
            StorageServers.Of(
                WithObjects(
                    Site("10.0.1."),
                    "persistentvolumes",
                    [
                        Of(
                            """{"metadata": {"name": "i"}, "spec": {"iscsi": {"targetPortal": "10.9.0.1", "portals": ["10.9.0.2:3261"]}}}"""
                        ),
                        Of(
                            """
                            {"metadata": {"name": "n"}, "spec": {"csi": {"driver": "nfs.csi.k8s.io",
                              "volumeAttributes": {"server": "nas.example.com", "share": "/x"}}}}
                            """
                        ),
                        Of(
                            """
                            {"metadata": {"name": "d"}, "spec": {"csi": {"driver": "disk.csi.example.com",
                              "volumeAttributes": {"server": "other"}}}}
                            """
                        ),
                    ]
                )
            )
        );

    [Fact]
    public void A_closed_peer_port_fires_alone() =>
        Fires(
            "NodeReach",
            s => Probe(s, "cp1", p => p with { Reach = new Dictionary<string, Reach>(p.Reach) { ["10.0.2.2:2380"] = Reach.Silent } })
        );

    [Fact]
    public void A_member_that_is_down_is_told_of_once() =>
        Assert.Equal(
            ["EtcdHealth"],
            Fired(
                    Site("10.0.1."),
                    Probe(
                        Site("10.0.2."),
                        "cp1",
                        p => p with { Reach = new Dictionary<string, Reach>(p.Reach) { ["10.0.2.2:2380"] = Reach.Refused } }
                    )
                        is var s
                        ? s with
                        {
                            Members = [.. s.Members.Select(m => m.Node == "cp2" ? m with { Healthy = false, Errors = ["it is down"] } : m)],
                        }
                        : null!
                )
                .Select(c => c.Name)
        );

    [Fact]
    public void A_node_without_sudo_fires_alone() => Fires("Sudo", s => Away(s, "w1", "SudoPasswordRequired"));

    [Fact]
    public void An_unknown_host_key_fires_alone() => Fires("HostKeys", s => Away(s, "cp2", "HostKeyUnknown"));

    [Fact]
    public void A_node_that_is_away_fires_alone() => Fires("SshAccess", s => Away(s, "cp2", "HostUnreachable"));

    [Fact]
    public void External_etcd_fires_alone() => Fires("StackedEtcd", s => Away(s, "cp1", "ExternalEtcd"));

    [Fact]
    public void What_a_member_says_of_itself_ends_with_one_period()
    {
        var check = Fires(
            "EtcdHealth",
            s => s with { Members = [.. s.Members.Select(m => m.Node == "cp2" ? m with { Healthy = false, Errors = ["It is down."] } : m)] }
        );

        Assert.EndsWith("is not healthy: It is down.", check.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_member_with_an_alarm_fires_alone() =>
        Fires(
            "EtcdHealth",
            s => s with { Members = [.. s.Members.Select(m => m.Node == "cp2" ? m with { Healthy = false, Alarms = ["NOSPACE"] } : m)] }
        );

    [Fact]
    public void A_lost_label_and_a_selector_by_it_fire() =>
        Assert.Equal(
            ["NodeLabels", "NodeSelectors"],
            Fired(
                    Site("10.0.1."),
                    WithObjects(Site("10.0.2."), "nodes", Site("10.0.2.").Nodes.Select(n => Node(n.Name, n.Role, disk: "hdd")))
                )
                .Select(c => c.Name)
                .Distinct()
        );

    [Fact]
    public void A_dead_api_of_the_secondary_fails() =>
        Assert.Contains(Fired(Site("10.0.1."), Site("10.0.2.") with { ApiFailure = Away() }), c => c.Name == "KubeApi");

    [Theory]
    [InlineData("250m", 0.25)]
    [InlineData("2", 2)]
    [InlineData("1.5Gi", 1610612736)]
    [InlineData("1e3", 1000)]
    [InlineData("128974848", 128974848)]
    [InlineData("3k", 3000)]
    [InlineData("100n", 0.0000001)]
    [InlineData("nonsense", 0)]
    public void Quantities_are_read_as_kubernetes_writes_them(string text, double value) =>
        Assert.Equal((decimal)value, KubeQuantity.Parse(text));

    [Fact]
    public void What_the_script_prints_is_read()
    {
        const string text =
            "clock 1000.5\nnsswitch files dns\naddress 10.0.0.1 fd00::1 \nkubeadm v1.36.1\nname cp1 10.0.0.1 \nname lb \nreach "
            + "10.0.0.2:2380 yes\nreach nfs:2049 no\nreach x:1 unknown\nreach y:1 refused\nserves lb:6443 foreign\nimage "
            + "docker.io/a:1\nclock 1002.5\n";

        var probe = NodeProbe.Parse(text, DateTimeOffset.FromUnixTimeSeconds(970), DateTimeOffset.FromUnixTimeSeconds(973));

        Assert.Equal(["files", "dns"], probe.NameServices);
        Assert.Equal((29.5, 30.5), (probe.ClockAtLeast, probe.ClockAtMost));
        Assert.Equal([Reach.Connects, Reach.Silent, Reach.Unknown, Reach.Refused], probe.Reach.Values);
        Assert.Equal([false], probe.ServesOwnCluster.Values);
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

    private static MirrorCheck Says(string name, MirrorStatus status, SiteFacts primary, SiteFacts secondary)
    {
        var check = MirrorChecks.Judge(primary, secondary, [name], []).First();
        Assert.Equal(status, check.Status);
        return check;
    }

    private static List<MirrorCheck> Fired(SiteFacts primary, SiteFacts secondary) =>
        [.. MirrorChecks.Judge(primary, secondary, [], []).Where(c => c.Status is MirrorStatus.Fail or MirrorStatus.Warning)];
}
