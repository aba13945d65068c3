using EtcdDr.Engine.Etcd;
using EtcdDr.Engine.Etcd.Members;

namespace EtcdDr.Tests.Etcd.Members;

/// <summary>Whose member is whose, and which may go.</summary>
public sealed class MemberRulesTests
{
    [Fact]
    public void A_node_without_a_kube_apiserver_is_told_each_phase_of_kubeadm_that_makes_one_and_the_one_to_leave_out()
    {
        var said = MemberAddition.WithoutApiServer("cp3", new Uri("https://k8s.example:6443"));

        Assert.Contains("'kubeadm init phase upload-certs --upload-certs'", said, StringComparison.Ordinal);
        Assert.Contains(
            "'kubeadm join phase control-plane-prepare all k8s.example:6443 --control-plane --certificate-key KEY --token TOKEN "
                + "--discovery-token-ca-cert-hash HASH'",
            said,
            StringComparison.Ordinal
        );
        Assert.Contains("'kubeadm join phase control-plane-join mark-control-plane --control-plane'", said, StringComparison.Ordinal);
        Assert.EndsWith("Leave 'control-plane-join etcd' out: the member is there.", said, StringComparison.Ordinal);
    }

    // Members are written as one letter each: h serves, d does not, l is a learner; the first is the one that is to go.
    [Theory]
    [InlineData("hhh", true)]
    [InlineData("dhh", true)]
    [InlineData("hh", true)]
    [InlineData("hhd", false)]
    [InlineData("dh", false)]
    [InlineData("h", false)]
    [InlineData("d", false)]
    [InlineData("hl", false)]
    [InlineData("lh", true)]
    [InlineData("ldd", true)]
    [InlineData("hhhd", true)]
    [InlineData("dhhd", false)]
    [InlineData("dhhhd", true)]
    [InlineData("hhhdd", false)]
    [InlineData("hhhhd", true)]
    [InlineData("dhd", false)]
    public void A_member_may_go_where_the_rest_has_a_quorum_and_there_is_one_now(string members, bool may)
    {
        var list = members.Select((m, i) => Member((ulong)i + 1, $"cp{i + 1}", m == 'l')).ToList();
        var healthy = members.Select((m, i) => (m, Id: (ulong)i + 1)).Where(m => m.m == 'h').Select(m => m.Id).ToHashSet();

        Assert.Equal(may, MemberRules.RemovalFault(list, healthy, list[0]) is null);
    }

    [Fact]
    public void A_member_is_known_by_its_url_its_name_and_its_id()
    {
        EtcdMember[] list = [Member(1, "cp1"), Member(2, ""), Member(3, "other")];

        Assert.Equal([1ul], Ids(MemberRules.Of(list, "cp1", [])));
        Assert.Equal([2ul], Ids(MemberRules.Of(list, "cp2", ["https://10.0.0.2:2380"])));
        Assert.Equal([3ul], Ids(MemberRules.Of(list, "0000000000000003", [])));
        Assert.Empty(MemberRules.Of(list, "cp9", ["https://10.0.0.9:2380"]));
    }

    [Theory]
    [InlineData(0, 100, false)]
    [InlineData(89, 100, false)]
    [InlineData(90, 100, true)]
    [InlineData(100, 100, true)]
    [InlineData(1, 0, true)]
    public void A_learner_is_in_sync_with_nine_tenths_of_the_log(ulong applied, ulong leader, bool inSync) =>
        Assert.Equal(inSync, MemberRules.IsInSync(applied, leader));

    [Fact]
    public void The_initial_cluster_names_every_member_once_for_each_of_its_urls() =>
        Assert.Equal(
            "cp1=https://10.0.0.1:2380,0000000000000002=https://10.0.0.2:2380,cp3=https://10.0.0.3:2380",
            MemberRules.InitialCluster([Member(1, "cp1"), Member(2, "")], "cp3", ["https://10.0.0.3:2380"])
        );

    [Theory]
    [InlineData("etcdserver: can only promote a learner member which is in sync with leader", "LearnerBehind")]
    [InlineData("etcdserver: can only promote a learner member", "NotLearner")]
    [InlineData("etcdserver: unhealthy cluster", "Unhealthy")]
    [InlineData("etcdserver: re-configuration failed due to not enough started members", "NotStarted")]
    [InlineData("etcdserver: too many learner members in cluster", "TooManyLearners")]
    [InlineData("etcdserver: Peer URLs already exists", "Exists")]
    [InlineData("etcdserver: member not found", "NotFound")]
    [InlineData("etcdserver: request timed out", "None")]
    public void Etcds_refusals_are_known_by_their_words(string said, string kind) =>
        Assert.Equal(kind, MembershipRefusal.Of(said).ToString());

    private static IEnumerable<ulong> Ids(IEnumerable<EtcdMember> members) => members.Select(m => m.Id);

    private static EtcdMember Member(ulong id, string name, bool learner = false) =>
        new(id, name, [$"https://10.0.0.{id}:2380"], [], learner);
}
