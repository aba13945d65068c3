using EtcdDr.Engine.Clusters;
using EtcdDr.Engine.ControlPlane.Manifests;

namespace EtcdDr.Engine.Etcd.Members;

/// <summary>A change of etcd's members that was planned: connections, what was read, and what will be done. Nothing was touched
/// yet.</summary>
public sealed class PreparedMember : IAsyncDisposable
{
    private PreparedMember(MemberSite site, IReadOnlyList<EtcdMember> members)
    {
        (Site, Listed) = (site, members);
    }

    /// <summary>What will be done, in lines.</summary>
    public string Plan { get; internal set; } = string.Empty;

    /// <summary>What is asked before it is done.</summary>
    public string Question { get; internal set; } = string.Empty;

    internal MemberSite Site { get; }

    /// <summary>The member list as it was read.</summary>
    internal IReadOnlyList<EtcdMember> Listed { get; }

    /// <summary>Members of the list that are the node's.</summary>
    internal IReadOnlyList<EtcdMember> Own { get; set; } = [];

    /// <summary>The node; null where it does not answer, or there is none of that name any more.</summary>
    internal MemberNode? Node { get; set; }

    /// <summary>The node's etcd as it will run.</summary>
    internal EtcdMemberConfiguration? Etcd { get; set; }

    /// <summary>Files that the node gets.</summary>
    internal MemberFiles? Files { get; set; }

    /// <summary>Reads the members.</summary>
    /// <param name="session">The cluster; closed with what is returned, or where reading fails.</param>
    /// <param name="node">Name of the node.</param>
    /// <param name="peer">Name of the node whose member is asked; null for any.</param>
    /// <param name="fill">Makes the plan of it.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    internal static async Task<PreparedMember> ReadAsync(
        ClusterSession session,
        string node,
        string? peer,
        Func<PreparedMember, Task> fill,
        CancellationToken cancellationToken
    )
    {
        MemberSite? site = null;
        PreparedMember? prepared = null;
        try
        {
            site = await MemberSite.ReadAsync(session, node, peer, cancellationToken);
            prepared = new PreparedMember(site, await site.ListAsync(cancellationToken));
            await fill(prepared);
            return prepared;
        }
        catch
        {
            await (prepared?.DisposeAsync() ?? site?.DisposeAsync() ?? session.DisposeAsync());
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Files?.Forget();
        await Site.DisposeAsync();
    }
}
