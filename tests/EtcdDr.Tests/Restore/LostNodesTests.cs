using System.Text.Json.Nodes;
using EtcdDr.Engine.Etcd;
using EtcdDr.Engine.Journals;
using EtcdDr.Engine.Restore;
using static EtcdDr.Tests.Mirror.MirrorSamples;

namespace EtcdDr.Tests.Restore;

/// <summary>Restores onto the nodes that are left: who takes part, what is dangerous, what is said.</summary>
public sealed class LostNodesTests
{
    [Theory]
    [InlineData("cp1 cp2 cp3", "", "", "cp1 cp2 cp3", "", false)]
    [InlineData("cp1 cp2 cp3", "cp1 cp3", "", "cp1 cp3", "cp2", false)]
    [InlineData("cp1 cp2 cp3", "", "cp2", "cp1 cp3", "cp2", false)]
    [InlineData("cp1 cp2 cp3", "cp3", "", "cp3", "cp1 cp2", true)]
    [InlineData("cp1 cp2 cp3", "cp1", "cp3 cp2", "cp1", "cp2 cp3", true)]
    [InlineData("cp1 cp2 cp3 cp4", "cp1 cp2", "", "cp1 cp2", "cp3 cp4", false)]
    [InlineData("cp1 cp2 cp3 cp4 cp5", "cp1 cp2", "", "cp1 cp2", "cp3 cp4 cp5", true)]
    [InlineData("cp1", "cp1", "", "cp1", "", false)]
    public void Who_takes_part_and_whether_the_others_could_serve(
        string all,
        string survivors,
        string lost,
        string taken,
        string given,
        bool couldServe
    )
    {
        var choice = NodeChoice.Of("secondary", Words(all), Words(survivors), Words(lost));

        Assert.Equal(Words(taken), choice.Survivors);
        Assert.Equal(Words(given), choice.Lost);
        Assert.Equal(couldServe, choice.LostCouldServe);
    }

    [Theory]
    [InlineData("cp1 cp9", "", "NodeNotFound", "cp9")]
    [InlineData("", "w1", "NodeNotFound", "w1")]
    [InlineData("", "cp1 cp2 cp3", "SurvivorsInvalid", "none of them would be left")]
    [InlineData("cp1 cp2", "cp2 cp3", "SurvivorsInvalid", "cp2 is named as lost and as a survivor")]
    [InlineData("cp1", "cp2", "SurvivorsInvalid", "cp3 is named neither")]
    public void A_choice_that_leaves_doubt_is_refused_and_says_why(string survivors, string lost, string error, string said)
    {
        var refusal = Assert.Throws<EtcdDrException>(() =>
            NodeChoice.Of("secondary", ["cp1", "cp2", "cp3"], Words(survivors), Words(lost))
        );

        Assert.Equal(error, refusal.ErrorId);
        Assert.Contains(said, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, null, true, null)]
    [InlineData(true, null, true, false)]
    [InlineData(true, false, false, false)]
    [InlineData(true, true, false, false)]
    [InlineData(true, false, true, true)]
    [InlineData(true, true, true, true)]
    public void A_lost_node_whose_etcd_answers_forbids_where_the_lost_could_serve(
        bool answers,
        bool? serves,
        bool couldServe,
        bool? forbids
    )
    {
        var finding = LostNodes.Judge("cp2", answers, serves, couldServe);

        Assert.Equal(forbids, finding?.Blocks);
        Assert.True(finding is null || (finding.Check == "LostNodes" && finding.Node == "cp2"));
    }

    [Fact]
    public void The_plan_says_who_is_given_up_and_what_they_could_do()
    {
        var plan = new RestorePlan
        {
            Id = "r1",
            Cluster = "secondary",
            Snapshot = "etcd_snapshot_2026-11-22_23-53-31",
            Nodes = [],
            Steps = [],
            Lost = ["cp2", "cp3"],
            LostCouldServe = true,
        };

        var text = RestorePlanText.Format(plan);

        Assert.Contains("Given up: cp2, cp3", text, StringComparison.Ordinal);
        Assert.Contains("DANGER: cp2, cp3 were a majority of the previous etcd", text, StringComparison.Ordinal);
        Assert.DoesNotContain("DANGER", RestorePlanText.Format(plan with { LostCouldServe = false }), StringComparison.Ordinal);
        Assert.Contains("kubectl delete node cp2 cp3", LostNodes.AfterWords(plan.Lost), StringComparison.Ordinal);
    }

    [Fact]
    public void A_node_that_is_given_up_is_no_finding_of_the_preflight()
    {
        var site = Site("10.0.1.");
        var without = site with
        {
            Nodes =
            [
                .. site.Nodes.Select(n =>
                    n.Name == "cp2" ? new EtcdDr.Engine.Mirror.SiteNode(n.Name, n.Role, n.Address) { Lost = true } : n
                ),
            ],
            Members = [.. site.Members.Where(m => m.Node != "cp2")],
        };

        Assert.DoesNotContain(RestorePreflight.Judge(Settings(Site("10.0.1."), s => s with { Members = [] }), without), f => f.Blocks);
    }

    [Fact]
    public void A_daemon_set_does_not_wait_for_pods_of_a_node_that_was_given_up()
    {
        var item = JsonNode
            .Parse(
                """
                {"metadata":{"name":"kube-proxy","namespace":"kube-system","generation":1},
                 "spec":{"template":{"metadata":{}}},
                 "status":{"observedGeneration":1,"desiredNumberScheduled":3,"updatedNumberScheduled":2,"numberAvailable":2}}
                """
            )!
            .AsObject();

        Assert.NotNull(Workload.From("daemonsets", item).NotReady);
        Assert.Null(Workload.From("daemonsets", item, lostNodes: 1).NotReady);
    }

    [Fact]
    public void Members_that_came_after_a_restore_are_those_that_none_of_its_nodes_is()
    {
        JournalNode Node(string name, string url) =>
            new()
            {
                Name = name,
                MemberName = name,
                PeerUrls = [url],
                ManifestDirectory = "/m",
                JournalDirectory = "/j",
                Components = [],
                WorkDirectory = "/w",
                DataDirectory = "/d",
                Units = [],
            };
        EtcdMember Member(ulong id, string name, string url) => new(id, name, [url], [], false);
        IReadOnlyList<EtcdMember> members =
        [
            Member(1, "cp1", "https://10.0.0.1:2380"),
            Member(2, "cp2", "https://10.0.0.2:2380"),
            Member(2, "cp2", "https://10.0.0.2:2380"),
        ];

        Assert.Equal(["cp2"], AddedMembers.Of(members, [Node("cp1", "https://10.0.0.1:2380")]).Select(m => m.Name));
        Assert.Empty(AddedMembers.Of(members, [Node("cp1", "https://10.0.0.1:2380"), Node("cp2", "https://10.0.0.2:2380")]));
    }

    [Fact]
    public void Who_puts_back_what_was_restored_onto_the_nodes_that_were_left_is_told_what_the_lost_ones_are_needed_for()
    {
        var said = LostNodes.UndoWords(["cp2", "cp3"]);

        Assert.Contains("counts cp2, cp3 among its members again", said, StringComparison.Ordinal);
        Assert.Contains("when a majority of all runs with the data of before", said, StringComparison.Ordinal);
        Assert.Empty(LostNodes.UndoWords([]));
    }

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
