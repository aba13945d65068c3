using System.Collections.Concurrent;
using System.Globalization;
using EtcdDr.Engine.Clusters;
using EtcdDr.Engine.ControlPlane;
using EtcdDr.Engine.Etcd;
using EtcdDr.Engine.Nodes;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Snapshots;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.Restore;

/// <summary>
/// Takes the newest whole database of a cluster that has lost its quorum from a member that still has one, so that it can be restored onto
/// all: newer than the newest backup. It is copied while that node's etcd is stopped, and proven page by page before it gets its name.
/// </summary>
public sealed class MemberSource(OperationContext context, IRemoteHostFactory hosts)
{
    private IReadOnlyList<MemberCandidate> _found = [];
    private IReadOnlyList<MemberCandidate> _chosen = [];

    /// <summary>What was found, in sentences: each member with its revision, and which is taken.</summary>
    public IReadOnlyList<string> Description =>
        [
            .. _found.Select(c => $"{c.Node.Name}: {Describe(c)}"),
            $"Taken is the database of {_chosen[0].Node.Name}, while its etcd is stopped; what stands in its write-ahead log and was not "
                + "applied is not part of it.",
            .. _chosen.Skip(1).Select(c => $"If that fails its proof, {c.Node.Name}'s is the next."),
        ];

    /// <summary>The member that is taken, with its revision and newest change.</summary>
    public string Chosen => $"{_chosen[0].Node.Name} ({Describe(_chosen[0])})";

    /// <summary>Reads, on every control-plane node that answers, how far its database goes; changes nothing.</summary>
    /// <param name="cluster">The cluster; its profile names the nodes where the API is away.</param>
    /// <param name="pattern">The node whose member is wanted, with wildcards.</param>
    /// <param name="evenIfItServes">Whether to go on where the cluster has a quorum.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="EtcdDrException"><c>NoMemberDatabase</c>, <c>ClusterHasQuorum</c>, <c>RestoreUnfinished</c>.</exception>
    public async Task FindAsync(EtcdCluster cluster, string pattern, bool evenIfItServes, CancellationToken cancellationToken)
    {
        await using var session = new ClusterSession(cluster, context, hosts);
        var nodes = (await ControlPlaneOperation.NodesAsync(session, cancellationToken)).ToList();
        var found = new ConcurrentBag<MemberCandidate>();
        await Parallel.ForEachAsync(
            nodes,
            new ParallelOptions { MaxDegreeOfParallelism = context.ThrottleLimit, CancellationToken = cancellationToken },
            async (node, ct) =>
            {
                if (await TryReadAsync(session, node, ct) is { } candidate)
                {
                    found.Add(candidate);
                }
            }
        );
        _found = [.. found.OrderBy(c => c.Node.Name, StringComparer.Ordinal)];
        _chosen = MemberChoice.Order(found, pattern);
        Refuse(cluster, pattern);
        if (!evenIfItServes)
        {
            await RefuseQuorumAsync(session, nodes, cancellationToken);
        }
    }

    /// <summary>Copies the database and proves it. Where it fails its proof, the next member's is taken.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="directory">Where the copy is kept, on this machine.</param>
    /// <param name="options">Limits and locks.</param>
    /// <param name="cancellationToken">Stops it; the node's control plane is started again.</param>
    /// <returns>The copy, as a snapshot.</returns>
    /// <exception cref="EtcdDrException"><c>NoMemberDatabase</c>: none is whole. <c>ClusterLocked</c>,
    /// <c>ContainerWillNotStop</c>.</exception>
    public async Task<EtcdSnapshot> TakeAsync(
        EtcdCluster cluster,
        string directory,
        RestoreOptions options,
        CancellationToken cancellationToken
    )
    {
        await using var session = new ClusterSession(cluster, context, hosts);
        await using var held = await ClusterLock.TakeAsync(
            session,
            _found.Select(c => c.Node),
            LockMode.Exclusive,
            "taking a member's database",
            options.BreakLock,
            cancellationToken
        );
        var failures = new List<string>();
        foreach (var candidate in _chosen)
        {
            try
            {
                return await TakeAsync(session, candidate, directory, options, cancellationToken);
            }
            catch (EtcdDrException e) when (e.Category is EtcdDrErrorCategory.InvalidData or EtcdDrErrorCategory.ObjectNotFound)
            {
                failures.Add(e.Message);
                context.Sink.Warning($"The database of node '{candidate.Node.Name}' is not whole: {e.Message}");
            }
        }

        throw None(cluster, string.Join(" ", failures));
    }

    private async Task<EtcdSnapshot> TakeAsync(
        ClusterSession session,
        MemberCandidate candidate,
        string directory,
        RestoreOptions options,
        CancellationToken cancellationToken
    )
    {
        var activity = $"Take the database of {candidate.Node.Name}";
        var node = await ControlPlaneNode.ReadAsync(session, candidate.Node, cancellationToken);
        var host = await session.HostAsync(candidate.Node, cancellationToken);

        // What somebody stopped on purpose stays stopped.
        var stopped = (await host.RunAsync(ControlPlaneCommands.HasHeld.With(node.Place.HoldDirectory), cancellationToken)).ExitStatus == 0;
        var sequence = new ControlPlaneSequence(
            session,
            new PlainSteps(context, activity),
            new ControlPlaneHealth(session),
            options.StepTimeout,
            options.Force
        );
        try
        {
            await sequence.StopAsync([node], cancellationToken);
            return await CopyAsync(host, candidate, directory, session.Cluster, cancellationToken);
        }
        finally
        {
            if (!stopped)
            {
                using var limit = RestoreOperation.CleanUpToken(options);
                await sequence.StartEtcdAsync([node], limit.Token);
                await sequence.StartApiServersAsync([node], limit.Token);
                await sequence.StartRestAsync([node], limit.Token);
            }

            context.Sink.Progress(new ProgressUpdate(activity, null, "Done") { Completed = true });
        }
    }

    private async Task<EtcdSnapshot> CopyAsync(
        IRemoteHost host,
        MemberCandidate candidate,
        string directory,
        EtcdCluster cluster,
        CancellationToken cancellationToken
    )
    {
        var taken = context.Time.GetUtcNow();
        var name = $"etcd_member_{candidate.Node.Name}_{SnapshotNames.Stamp(taken)}.db";
        var path = Path.Combine(directory, name);
        var part = path + ".part";
        try
        {
            MemberDatabaseCopy copy;
            PosixFiles.CreateDirectory(directory);
            await using (var file = Create(part))
            {
                copy = await MemberDatabaseCopy.TakeAsync(host, candidate.Database.Path, file, cancellationToken);
                file.Flush(flushToDisk: true);
            }

            File.Move(part, path);
            context.Sink.Verbose(
                $"The database of node '{candidate.Node.Name}' is whole and kept as {path}: revision {copy.Summary.Revision}, "
                    + $"{copy.Summary.LiveKeys} keys, SHA-256 {copy.Sha256}."
            );
            return new EtcdSnapshot
            {
                Name = name,
                Path = path,
                Format = SnapshotFormat.Database,
                Created = taken.UtcDateTime,
                Cluster = cluster.Name,
                Revision = copy.Summary.Revision,
                DbSize = copy.Length,
                Size = copy.Length,
            };
        }
        catch
        {
            File.Delete(part);
            throw;
        }
    }

    // As private as a snapshot: it holds all secrets of the cluster.
    private static FileStream Create(string path)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
            BufferSize = 0,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = PosixFiles.FileMode;
        }

        return new FileStream(path, options);
    }

    private async Task<MemberCandidate?> TryReadAsync(ClusterSession session, ClusterNode node, CancellationToken cancellationToken)
    {
        try
        {
            var reading = await NodeFactsReader.ReadOnceAsync(session, node, cancellationToken);
            var host = await session.HostAsync(node, cancellationToken);
            var path = MemberDatabase.PathIn(reading.Manifests.RequireEtcd().DataHostPath);
            return await MemberDatabase.ReadAsync(host, path, cancellationToken) is { } database
                ? new MemberCandidate(node, database, reading.Journals)
                : null;
        }
        catch (EtcdDrException e)
        {
            context.Sink.Warning($"Node '{node.Name}' of cluster '{session.Cluster.Name}' cannot be asked: {e.Message}");
            return null;
        }
    }

    private void Refuse(EtcdCluster cluster, string pattern)
    {
        if (_found.SelectMany(c => c.Journals).FirstOrDefault(j => j.Journal.Unfinished) is { } open)
        {
            throw new EtcdDrException(
                "RestoreUnfinished",
                EtcdDrErrorCategory.InvalidOperation,
                Errors.RestoreUnfinished_Interrupted.With(
                    cluster.Name,
                    open.Journal.Id,
                    open.Journal.Snapshot,
                    open.Node,
                    open.Journal.State
                ),
                Errors.RestoreUnfinished_Interrupted_Action.With(cluster.Name, open.Journal.Id),
                cluster.Name
            );
        }

        if (_chosen.Count == 0)
        {
            var seen = string.Join(" ", _found.Select(c => $"{c.Node.Name}: {Describe(c)}."));
            throw None(
                cluster,
                seen.Length == 0 ? Errors.NoMemberDatabase_Nobody_Part : Errors.NoMemberDatabase_Named_Part.With(pattern, seen)
            );
        }
    }

    private static async Task RefuseQuorumAsync(
        ClusterSession session,
        IReadOnlyList<ClusterNode> nodes,
        CancellationToken cancellationToken
    )
    {
        var members = await EtcdStatusOperation.RunAsync(session, nodes, cancellationToken);
        if (!RestoreDecision.IsMajority(members.Count(m => m.Healthy), nodes.Count))
        {
            return;
        }

        throw new EtcdDrException(
            "ClusterHasQuorum",
            EtcdDrErrorCategory.InvalidOperation,
            Errors.ClusterHasQuorum.With(session.Cluster.Name),
            Errors.ClusterHasQuorum_Action,
            session.Cluster.Name
        );
    }

    private static EtcdDrException None(EtcdCluster cluster, string why) =>
        new(
            "NoMemberDatabase",
            EtcdDrErrorCategory.ObjectNotFound,
            Errors.NoMemberDatabase.With(cluster.Name, why),
            Errors.NoMemberDatabase_Action,
            cluster.Name
        );

    private static string Describe(MemberCandidate candidate)
    {
        if (candidate.Database.Tail is not { } tail)
        {
            return $"not readable ({candidate.Database.Failure})";
        }

        var change = tail.NewestChange is { } time
            ? string.Create(
                CultureInfo.InvariantCulture,
                $", newest change {time:yyyy-MM-dd HH:mm:ss}Z by the metadata of {StorePath.Printable(tail.NewestKey!)}"
            )
            : string.Empty;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"revision {tail.Revision}, {HumanText.Size(tail.Size)}{change}, last written {candidate.Database.Written:yyyy-MM-dd HH:mm:ss}Z"
        );
    }
}
