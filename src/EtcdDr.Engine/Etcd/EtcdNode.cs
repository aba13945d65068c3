using EtcdDr.Engine.Clusters;
using EtcdDr.Engine.ControlPlane.Manifests;

namespace EtcdDr.Engine.Etcd;

/// <summary>A control-plane node with its etcd member as far as it could be reached. Closes its connection when disposed.</summary>
public sealed class EtcdNode : IAsyncDisposable
{
    private EtcdNode(ClusterNode node) => Node = node;

    /// <summary>The node.</summary>
    public ClusterNode Node { get; }

    /// <summary>Its static-pod manifests; null if they could not be read.</summary>
    public NodeManifests? Manifests { get; private set; }

    /// <summary>The connection to its member; null if there is none.</summary>
    public EtcdConnection? Connection { get; private set; }

    /// <summary>What the member says of itself; null if it did not answer.</summary>
    public EtcdServerStatus? Status { get; private set; }

    /// <summary>The member list as this member knows it; empty if it did not answer. A learner does not tell it.</summary>
    public IReadOnlyList<EtcdMember> Members { get; private set; } = [];

    /// <summary>Why the member did not answer; null if it did.</summary>
    public EtcdDrException? Failure { get; private set; }

    /// <summary>
    /// Connects to a node's member and asks for its status. What fails is kept in <see cref="Failure"/>; only cancellation throws.
    /// </summary>
    /// <param name="session">The cluster's session.</param>
    /// <param name="node">The node.</param>
    /// <param name="cancellationToken">Stops the attempt.</param>
    /// <param name="manifests">Its static pods where they are at hand; null to read them.</param>
    public static async Task<EtcdNode> OpenAsync(
        ClusterSession session,
        ClusterNode node,
        CancellationToken cancellationToken,
        NodeManifests? manifests = null
    )
    {
        var opened = new EtcdNode(node) { Manifests = manifests };
        try
        {
            await opened.ConnectAsync(session, cancellationToken);
        }
        catch (EtcdDrException failure)
        {
            opened.Failure = failure;
        }
        catch
        {
            await opened.DisposeAsync();
            throw;
        }

        return opened;
    }

    /// <summary>A node that could not be asked.</summary>
    public static EtcdNode Away(ClusterNode node, EtcdDrException failure) => new(node) { Failure = failure };

    /// <summary>Connects to the members of several nodes at once, as many as the operation's limit allows.</summary>
    /// <returns>One for each node, in their order. The caller disposes each.</returns>
    public static async Task<IReadOnlyList<EtcdNode>> OpenAllAsync(
        ClusterSession session,
        IReadOnlyList<ClusterNode> nodes,
        CancellationToken cancellationToken
    )
    {
        var opened = new EtcdNode[nodes.Count];
        var options = new ParallelOptions { MaxDegreeOfParallelism = session.Context.ThrottleLimit, CancellationToken = cancellationToken };
        try
        {
            await Parallel.ForAsync(0, nodes.Count, options, async (i, token) => opened[i] = await OpenAsync(session, nodes[i], token));
            return opened;
        }
        catch
        {
            await DisposeAllAsync(opened.OfType<EtcdNode>());
            throw;
        }
    }

    /// <summary>Closes several at once.</summary>
    public static Task DisposeAllAsync(IEnumerable<EtcdNode> nodes) => Task.WhenAll(nodes.Select(node => node.DisposeAsync().AsTask()));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Connection is not null)
        {
            await Connection.DisposeAsync();
            Connection = null;
        }
    }

    private async Task ConnectAsync(ClusterSession session, CancellationToken cancellationToken)
    {
        var host = await session.HostAsync(Node, cancellationToken);
        Manifests ??= await NodeManifests.ReadAsync(host, cancellationToken);
        Connection = await EtcdConnection.ConnectAsync(session, Node, Manifests.RequireEtcd(), cancellationToken, Manifests.ApiServer);

        // Both at once saves a round trip; a learner refuses the second, which is known when the first is answered.
        var listing = Connection.MembersAsync(cancellationToken);
        try
        {
            Status = await Connection.StatusAsync(cancellationToken);
        }
        finally
        {
            await ((Task)listing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        Members = Status.IsLearner ? [] : await listing;
    }
}
