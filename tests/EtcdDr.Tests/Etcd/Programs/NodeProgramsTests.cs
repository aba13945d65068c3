using System.Text;
using System.Text.Json.Nodes;
using EtcdDr.Engine.ControlPlane.Manifests;
using EtcdDr.Engine.Etcd.Programs;

namespace EtcdDr.Tests.Etcd.Programs;

/// <summary>Which container is etcd's, and what counts of what a node says of programs.</summary>
public sealed class NodeProgramsTests
{
    private const string Image = "registry.k8s.io/etcd:3.6.8-0";
    private const string ImageId = "sha256:6b710415680deba346f55a06a34d5b474f3df45e24818e6ab8042ce3e82affad";

    private static readonly StaticPodManifest Manifest = StaticPodManifest.Parse(
        "cp1",
        "/etc/kubernetes/manifests/etcd.yaml",
        $$"""
        apiVersion: v1
        kind: Pod
        metadata: {name: etcd, namespace: kube-system}
        spec:
          containers:
          - {name: etcd, image: "{{Image}}", command: [etcd, --name=cp1]}
        """
    );

    [Fact]
    public void The_container_that_the_kubelet_made_from_the_manifest_is_found() =>
        Assert.Equal("real/459", EtcdContainer.Find(Listing(Real), "cp1", Manifest)?.Text);

    [Theory]
    [InlineData("namespace", "tenant")]
    [InlineData("source", "api")]
    [InlineData("pod", "etcd-cp2")]
    [InlineData("container", "sidecar")]
    public void A_container_that_only_looks_like_it_is_none(string what, string value) =>
        Assert.Null(EtcdContainer.Find(Listing(What(Real, what, value)), "cp1", Manifest));

    [Fact]
    public void A_later_look_alike_does_not_stand_before_the_real_one()
    {
        var planted = Real with { Id = "planted", Sandbox = "s2", Source = "api", Namespace = "tenant", Pid = 666 };

        Assert.Equal("real/459", EtcdContainer.Find(Listing(planted, Real), "cp1", Manifest)?.Text);
        Assert.Equal("real/459", EtcdContainer.Find(Listing(Real, planted), "cp1", Manifest)?.Text);
    }

    [Theory]
    [InlineData("")]
    [InlineData("ps bm90IGpzb24=\npods bm90IGpzb24=\ninspect bm90IGpzb24=\n")]
    [InlineData("ps W10=\npods e30=\ninspect W10=\n")]
    [InlineData("inspect %%%\n")]
    public void A_runtime_that_says_nothing_that_is_understood_has_no_container(string listing) =>
        Assert.Null(EtcdContainer.Find(listing, "cp1", Manifest));

    [Fact]
    public void Programs_of_a_container_count_where_its_image_is_the_manifests()
    {
        var container = EtcdContainer.Find(Listing(Real), "cp1", Manifest);
        var found = NodePrograms.Parse(
            $"jail yes\nimage {ImageId}\nprogram etcdutl {Coded("container:real/459")}\nprogram etcd {Coded("container:real/459")} \n",
            Image,
            container
        );

        Assert.Equal(
            [
                new EtcdProgram("etcdutl", new ProgramSource("container:real/459"), "3.6.8"),
                new EtcdProgram("etcd", new ProgramSource("container:real/459"), "3.6.8"),
            ],
            found.Programs
        );
        Assert.True(found.HasJail);
        Assert.Equal("3.6.8", found.EtcdVersion);
        Assert.Empty(found.PassedOver);
    }

    [Theory]
    [InlineData("image sha256:0000000000000000000000000000000000000000000000000000000000000000\n")]
    [InlineData("")]
    public void Programs_of_a_container_of_another_image_are_passed_over_and_named(string image)
    {
        var container = EtcdContainer.Find(Listing(Real), "cp1", Manifest);
        var found = NodePrograms.Parse(
            $"jail none\n{image}program etcdutl {Coded("container:real/459")}\nprogram etcdctl {Coded("file:/usr/bin/etcdctl")} "
                + $"{Coded("package\t3.5.16-1")}\n",
            Image,
            container
        );

        Assert.Equal([new EtcdProgram("etcdctl", new ProgramSource("file:/usr/bin/etcdctl"), "3.5.16")], found.Programs);
        Assert.Contains(Image, Assert.Single(found.PassedOver), StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_node_refused_is_told_once()
    {
        var why = Coded("/opt/bin/etcdutl is passed over: /opt/bin belongs to user 1000, not to root.");
        var found = NodePrograms.Parse($"jail yes\nrefused {why}\nrefused {why}\n", Image, null);

        Assert.Equal("/opt/bin/etcdutl is passed over: /opt/bin belongs to user 1000, not to root.", Assert.Single(found.PassedOver));
        Assert.Equal("3.6.8", found.EtcdVersion);
    }

    [Theory]
    [InlineData("registry.k8s.io/etcd@" + ImageId)]
    [InlineData(ImageId)]
    public void An_image_is_known_by_its_id_or_its_digest_whatever_its_name(string named) =>
        Assert.True(EtcdContainer.Find(Listing(Real), "cp1", Manifest)!.IsOf([named]));

    private sealed record Record(string Id, string Sandbox, string Namespace, string Source, string Pod, string Container, int Pid);

    private static Record Real { get; } = new("real", "s1", "kube-system", "file", "etcd-cp1", "etcd", 459);

    private static Record What(Record real, string what, string value) =>
        what switch
        {
            "namespace" => real with { Namespace = value },
            "source" => real with { Source = value },
            "pod" => real with { Pod = value },
            _ => real with { Container = value },
        };

    // The fields and their places are those of crictl 1.36 with containerd 2.1.
    private static string Listing(params Record[] records)
    {
        var containers = new JsonArray([
            .. records.Select(r =>
                (JsonNode)
                    new JsonObject
                    {
                        ["id"] = r.Id,
                        ["podSandboxId"] = r.Sandbox,
                        ["metadata"] = new JsonObject { ["name"] = r.Container },
                    }
            ),
        ]);
        var pods = new JsonArray([
            .. records.Select(r =>
                (JsonNode)
                    new JsonObject
                    {
                        ["id"] = r.Sandbox,
                        ["metadata"] = new JsonObject { ["name"] = r.Pod, ["namespace"] = r.Namespace },
                        ["annotations"] = new JsonObject { ["kubernetes.io/config.source"] = r.Source },
                    }
            ),
        ]);
        var inspected = records.Select(r => new JsonObject
        {
            ["status"] = new JsonObject
            {
                ["id"] = r.Id,
                ["state"] = "CONTAINER_RUNNING",
                ["imageId"] = "",
                ["imageRef"] = ImageId,
            },
            ["info"] = new JsonObject { ["pid"] = r.Pid },
        });
        return $"ps {Coded(new JsonObject { ["containers"] = containers }.ToJsonString())}\npods "
            + $"{Coded(new JsonObject { ["items"] = pods }.ToJsonString())}\n"
            + string.Concat(inspected.Select(i => $"inspect {Coded(i.ToJsonString())}\n"));
    }

    private static string Coded(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
