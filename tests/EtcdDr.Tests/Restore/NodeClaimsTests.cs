using System.Text.Json.Nodes;
using EtcdDr.Engine.Nodes;
using EtcdDr.Engine.Restore;

namespace EtcdDr.Tests.Restore;

/// <summary>What a restored state claims of nodes, and what the nodes say of themselves.</summary>
public sealed class NodeClaimsTests
{
    [Fact]
    public void A_state_that_fits_its_nodes_is_told_nothing_of() =>
        Assert.Empty(
            Judge(
                """{"podCIDR": "10.244.1.0/24", "podCIDRs": ["10.244.1.0/24", "fd00:1::/64"], "providerID": "aws:///a/i-1"}""",
                "provider aws:///a/i-1\nbridge 10.244.1.1/24\nbridge fd00:1::1/64\nvolume pv-1",
                Attachment("w1", "pv-1")
            )
        );

    [Fact]
    public void A_node_whose_pods_are_in_another_network_than_the_restored_state_gives_it_is_named()
    {
        var finding = Assert.Single(Judge("""{"podCIDR": "10.244.1.0/24"}""", "bridge 10.244.2.1/24"));

        Assert.Equal(("PodNetworks", "w1", false), (finding.Check, finding.Node, finding.Blocks));
        Assert.Contains("10.244.1.0/24, and its bridge is in 10.244.2.0/24", finding.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("aws:///a/i-1", "provider aws:///b/i-2", true)]
    [InlineData("aws:///a/i-1", "machine 11223344-5566-7788-99aa-bbccddeeff00", false)]
    [InlineData("vsphere://11223344-5566-7788-99aa-bbccddeeff00", "machine 11223344-5566-7788-99AA-BBCCDDEEFF00", false)]
    [InlineData("vsphere://11223344-5566-7788-99aa-bbccddeeff00", "machine 44332211-6655-8877-99aa-bbccddeeff00", false)]
    [InlineData("vsphere://11223344-5566-7788-99aa-bbccddeeff00", "machine 00000000-5566-7788-99aa-bbccddeeff00", true)]
    [InlineData("", "provider aws:///b/i-2", false)]
    public void A_node_that_the_restored_state_takes_for_another_machine_is_named(string claimed, string live, bool told) =>
        Assert.Equal(told, Judge($$"""{"providerID": "{{claimed}}"}""", live).Any(f => f.Check == "ProviderIds"));

    [Fact]
    public void Volumes_that_the_other_site_attached_are_named_by_node()
    {
        var finding = Assert.Single(Judge("{}", "", Attachment("w1", "pv-1"), Attachment("w1", "pv-2"), Attachment("elsewhere", "pv-3")));

        Assert.Equal("VolumeAttachments", finding.Check);
        Assert.Contains("2 volumes are attached to node 'w1' (pv-1, pv-2)", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Volumes_in_use_that_the_restored_state_knows_nothing_of_are_named_unless_their_driver_attaches_nothing()
    {
        var finding = Assert.Single(Judge("{}", "volume pv-1\nvolume nfs-1"));

        Assert.Contains("1 volumes are mounted on node 'w1' (pv-1)", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_node_that_did_not_answer_is_not_judged() =>
        Assert.Empty(
            NodeClaims.Judge(
                [Node("""{"podCIDR": "10.244.1.0/24"}""")],
                [Attachment("w1", "pv-1")],
                _ => true,
                new Dictionary<string, NodeIdentity>()
            )
        );

    private static IReadOnlyList<RestoreFinding> Judge(string spec, string live, params JsonObject[] attachments) =>
        NodeClaims.Judge(
            [Node(spec)],
            attachments,
            volume => volume.StartsWith("pv", StringComparison.Ordinal),
            new Dictionary<string, NodeIdentity> { ["w1"] = NodeIdentity.Parse(live) }
        );

    private static JsonObject Node(string spec) =>
        new()
        {
            ["metadata"] = new JsonObject { ["name"] = "w1" },
            ["spec"] = JsonNode.Parse(spec),
        };

    private static JsonObject Attachment(string node, string volume) =>
        (JsonObject)
            JsonNode.Parse(
                $$$"""
                {"metadata": {"name": "a"}, "spec": {"nodeName": "{{{node}}}", "source": {"persistentVolumeName": "{{{volume}}}"} },
                 "status": {"attached": true} }
                """
            )!;
}
