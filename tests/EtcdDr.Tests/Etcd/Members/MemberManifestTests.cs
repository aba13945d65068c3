using System.Text.RegularExpressions;
using EtcdDr.Engine.ControlPlane.Manifests;
using EtcdDr.Engine.Etcd.Members;

namespace EtcdDr.Tests.Etcd.Members;

/// <summary>The manifest with which a node's etcd joins others.</summary>
public sealed class MemberManifestTests
{
    private const string Members = "cp1=https://10.0.0.1:2380,cp3=https://10.0.0.13:2380";

    [Fact]
    public void The_nodes_own_manifest_differs_in_the_members_alone()
    {
        var own = Etcd(
            Manifest("cp3", "10.0.0.13", "    - --initial-cluster=cp3=https://10.0.0.13:2380\n    - --initial-cluster-state=new\n")
        );

        var text = Unquoted(MemberManifest.Of(own, Members));

        Assert.Equal(Manifest("cp3", "10.0.0.13", $"    - --initial-cluster={Members}\n    - --initial-cluster-state=existing\n"), text);
    }

    [Fact]
    public void Flags_that_are_missing_are_added()
    {
        var text = MemberManifest.Of(Etcd(Manifest("cp3", "10.0.0.13", "")), Members);

        var flags = StaticPodManifest.Parse("cp3", "/m/etcd.yaml", text).Flags;
        Assert.Equal(Members, flags.Last("initial-cluster"));
        Assert.Equal("existing", flags.Last("initial-cluster-state"));
    }

    [Fact]
    public void A_members_manifest_becomes_the_nodes_with_its_name_and_address()
    {
        var pattern = Etcd(Manifest("cp1", "10.0.0.1", "    - --initial-cluster=cp1=https://10.0.0.1:2380\n"));

        var text = Unquoted(MemberManifest.After(pattern, "cp3", "10.0.0.13", Members));

        Assert.Equal(
            Manifest("cp3", "10.0.0.13", $"    - --initial-cluster={Members}\n", "    - --initial-cluster-state=existing\n"),
            text
        );
    }

    [Fact]
    public void An_address_that_begins_as_anothers_does_is_left_alone()
    {
        var pattern = Etcd(
            Manifest("cp1", "10.0.0.1", "    - --initial-cluster=cp1=https://10.0.0.1:2380\n    - --some=10.0.0.11,10.0.0.1\n")
        );

        var text = Unquoted(MemberManifest.After(pattern, "cp3", "10.0.0.13", Members));

        Assert.Contains("--some=10.0.0.11,10.0.0.13", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_manifest_whose_flags_stand_apart_from_their_values_is_refused_by_name()
    {
        var own = Etcd(Manifest("cp3", "10.0.0.13", "    - --initial-cluster\n    - cp3=https://10.0.0.13:2380\n"));

        var refusal = Assert.Throws<EtcdDrException>(() => MemberManifest.Of(own, Members));

        Assert.Equal("ManifestUnsupported", refusal.ErrorId);
        Assert.Contains("--initial-cluster", refusal.Message, StringComparison.Ordinal);
    }

    // A changed flag stands in quotes, since a dash may begin an item of a list.
    private static string Unquoted(string text) => Regex.Replace(text, "- \"(--[^\"]*)\"", "- $1");

    private static EtcdMemberConfiguration Etcd(string text) =>
        EtcdMemberConfiguration.From(StaticPodManifest.Parse("cp3", "/etc/kubernetes/manifests/etcd.yaml", text));

    private static string Manifest(string name, string address, string cluster, string last = "") =>
        $"""
            # kept by hand
            apiVersion: v1
            kind: Pod
            metadata:
              annotations:
                kubeadm.kubernetes.io/etcd.advertise-client-urls: https://{address}:2379
              name: etcd
              namespace: kube-system
            spec:
              containers:
              - command:
                - etcd
                - --advertise-client-urls=https://{address}:2379
                - --data-dir=/var/lib/etcd
                - --initial-advertise-peer-urls=https://{address}:2380
            {cluster}    - --listen-client-urls=https://127.0.0.1:2379,https://{address}:2379
                - --listen-peer-urls=https://{address}:2380
                - --name={name}
            {last}    image: registry.k8s.io/etcd:3.6.8-0
                name: etcd
                volumeMounts:
                - mountPath: /var/lib/etcd
                  name: etcd-data
              volumes:
              - hostPath:
                  path: /var/lib/etcd
                name: etcd-data

            """;
}
