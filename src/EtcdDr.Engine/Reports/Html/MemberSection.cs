namespace EtcdDr.Engine.Reports.Html;

/// <summary>etcd members of a cluster.</summary>
internal sealed class MemberSection(string cluster, IReadOnlyList<EtcdMemberStatus> members) : IReportSection
{
    /// <inheritdoc/>
    public string Heading => $"etcd of {cluster}";

    /// <inheritdoc/>
    public Tone Tone => members.All(m => m.Healthy) ? Tone.Good : Tone.Bad;

    /// <inheritdoc/>
    public string Verdict => $"{members.Count(m => m.Healthy)} of {ReportText.Count(members.Count, "member", "members")} healthy";

    /// <summary>Members as a table.</summary>
    public static void Table(HtmlBuilder html, string caption, IReadOnlyList<EtcdMemberStatus> members) =>
        Parts.Table(
            html,
            caption,
            ["Node", "State", "Role", "Member id", "Version", ">Database", ">In use", ">Raft term", ">Applied", ">Revision"],
            () =>
            {
                foreach (var member in members)
                {
                    Row(html, member);
                }
            }
        );

    /// <inheritdoc/>
    public void Write(HtmlBuilder html) => Table(html, $"Members of {cluster}", members);

    private static void Row(HtmlBuilder html, EtcdMemberStatus member)
    {
        using (html.Open("tr"))
        {
            html.Element("th", member.Node, ("scope", "row"));
            using (html.Open("td"))
            {
                Parts.Badge(html, member.Healthy ? Tone.Good : Tone.Bad, member.Healthy ? "healthy" : "not healthy");
                if (!member.Healthy)
                {
                    html.Element("p", string.Join("; ", member.Alarms.Concat(member.Errors)));
                }
            }

            html.Element(
                "td",
                member.IsLeader ? "leader"
                    : member.IsLearner ? "learner"
                    : "follower"
            );
            html.Element("td", member.MemberId, ("class", "code")).Element("td", member.Version);
            foreach (
                var figure in new[]
                {
                    HumanText.Size(member.DbSize),
                    HumanText.Size(member.DbSizeInUse),
                    ReportText.Number(member.RaftTerm),
                    ReportText.Number(member.RaftAppliedIndex),
                    ReportText.Number(member.Revision),
                }
            )
            {
                html.Element("td", figure, ("class", "number"));
            }
        }
    }
}
