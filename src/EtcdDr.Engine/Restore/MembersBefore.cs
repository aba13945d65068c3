using EtcdDr.Engine.Journals;
using EtcdDr.Engine.Mirror;

namespace EtcdDr.Engine.Restore;

/// <summary>What every member serves before a restore begins, as the preflight found it; of one that does not answer, what its database
/// file ends with. Pure.</summary>
internal static class MembersBefore
{
    /// <summary>For each control-plane node of a site; a member that did not answer, or knows of no leader, was not healthy.</summary>
    public static IReadOnlyDictionary<string, MemberBefore> Of(SiteFacts site)
    {
        var members = site.Members.ToDictionary(m => m.Node, StringComparer.Ordinal);
        return site.ControlPlane.ToDictionary(
            n => n.Name,
            n =>
            {
                var member = members.GetValueOrDefault(n.Name);
                return new MemberBefore(
                    member?.Healthy ?? false,
                    n.ApiServerAsked && n.ApiServerFailure is null,
                    member?.ClusterId,
                    member is { Revision: > 0 } ? member.Revision : n.Facts?.Database?.Tail?.Revision
                );
            },
            StringComparer.Ordinal
        );
    }
}
