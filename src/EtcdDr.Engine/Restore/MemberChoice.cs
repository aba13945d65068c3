using EtcdDr.Engine.Operations;

namespace EtcdDr.Engine.Restore;

/// <summary>Which member's database is taken. Pure.</summary>
internal static class MemberChoice
{
    /// <summary>Those that fit a name or pattern and whose end can be read, the newest first: the next one is tried where one fails its
    /// proof.</summary>
    /// <param name="found">What was found on the nodes.</param>
    /// <param name="pattern">A node's name, with wildcards.</param>
    public static IReadOnlyList<MemberCandidate> Order(IEnumerable<MemberCandidate> found, string pattern) =>
        [
            .. found
                .Where(c => c.Revision > 0 && Wildcard.Matches(pattern, c.Node.Name))
                .OrderByDescending(c => c.Revision)
                .ThenBy(c => c.Node.Name, StringComparer.Ordinal),
        ];
}
