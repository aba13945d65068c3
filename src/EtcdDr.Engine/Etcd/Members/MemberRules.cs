namespace EtcdDr.Engine.Etcd.Members;

/// <summary>What may be done with the members of an etcd. Pure.</summary>
internal static class MemberRules
{
    /// <summary>The members that a node has, or had: by its peer URLs, by its member's name, or by the id that was given as the
    /// name.</summary>
    /// <param name="members">The member list.</param>
    /// <param name="name">The node's name, the member's, or its id in 16 hexadecimal digits.</param>
    /// <param name="peerUrls">Peer URLs of the node's manifest; empty where they are not known.</param>
    public static IReadOnlyList<EtcdMember> Of(IReadOnlyList<EtcdMember> members, string name, IReadOnlyList<string> peerUrls) =>
        [
            .. members.Where(m =>
                m.PeerUrls.Any(u => peerUrls.Contains(u.TrimEnd('/'))) || m.Name == name || EtcdStatusOperation.Id(m.Id) == name
            ),
        ];

    /// <summary>Why a member must not be taken out; null where it may. One without a vote always may.</summary>
    /// <param name="members">The member list.</param>
    /// <param name="healthy">Ids of the members that serve.</param>
    /// <param name="member">The member.</param>
    public static string? RemovalFault(IReadOnlyList<EtcdMember> members, IReadOnlySet<ulong> healthy, EtcdMember member)
    {
        if (member.IsLearner)
        {
            return null;
        }

        var voters = members.Where(m => !m.IsLearner).ToList();
        var rest = voters.Where(m => m.Id != member.Id).ToList();
        var serving = rest.Count(m => healthy.Contains(m.Id));
        return rest.Count == 0 ? Errors.MemberRemovalRefused_Last_Part
            : voters.Count(m => healthy.Contains(m.Id)) < Quorum(voters.Count)
                ? Errors.MemberRemovalRefused_NoQuorum_Part.With(voters.Count(m => healthy.Contains(m.Id)), voters.Count)
            : serving < Quorum(rest.Count) ? Errors.MemberRemovalRefused_Rest_Part.With(serving, rest.Count, Quorum(rest.Count))
            : null;
    }

    /// <summary>How many of so many members must agree.</summary>
    public static int Quorum(int voters) => (voters / 2) + 1;

    /// <summary>Whether a learner has enough of the leader's log that it may be given its vote, as etcd judges it.</summary>
    public static bool IsInSync(ulong applied, ulong leader) => applied > 0 && applied >= leader * 0.9;

    /// <summary>What <c>--initial-cluster</c> of a new member says: the present members and itself, each by its name and URLs.</summary>
    public static string InitialCluster(IEnumerable<EtcdMember> others, string name, IReadOnlyList<string> peerUrls) =>
        string.Join(
            ',',
            others
                .SelectMany(m => m.PeerUrls.Select(u => $"{(m.Name.Length > 0 ? m.Name : EtcdStatusOperation.Id(m.Id))}={u}"))
                .Concat(peerUrls.Select(u => $"{name}={u}"))
        );
}
