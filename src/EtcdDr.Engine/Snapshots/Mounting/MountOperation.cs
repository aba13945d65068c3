using System.Globalization;
using System.Text;
using EtcdDr.Engine.Clusters;
using EtcdDr.Engine.Etcd;
using EtcdDr.Engine.Kube;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Snapshots.Verification.Drill;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.Snapshots.Mounting;

/// <summary>
/// Serves a snapshot as a kube API, for reading: its database under a throwaway etcd and a throwaway kube-apiserver on a node's loopback,
/// with the node's own programs, beside what the node does. The run there lives on this session's heartbeat, so it ends and removes all
/// that it made when this session or the connection does.
/// </summary>
public sealed class MountOperation(OperationContext context, IRemoteHostFactory hosts)
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(300);
    private static readonly KubeApiSettings Probing = new() { Attempts = 1 };

    /// <summary>The directory on nodes that mounts make theirs in: usually the file system with the most space, and never one that lives in
    /// memory.</summary>
    internal string Root { get; init; } = "/var/lib/etcddr-mount";

    /// <summary>What this session has mounted.</summary>
    public static IReadOnlyList<EtcdSnapshotMount> OfSession => LiveMount.All;

    /// <summary>Mounts a snapshot. It stays until it is dismounted or this session ends.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="cluster">The cluster on whose node it is mounted.</param>
    /// <param name="options">How.</param>
    /// <param name="cancellationToken">Stops it; then nothing of it stays.</param>
    /// <exception cref="EtcdDrException"><c>MountBusy</c>, <c>MountSpaceMissing</c>, <c>MountMemoryMissing</c>, <c>MountFailed</c>,
    /// <c>MountProgramMissing</c>, <c>MountJailMissing</c>, <c>MountKmsUnsupported</c>, and what reading the snapshot and reaching the node
    /// throw.</exception>
    public async Task<EtcdSnapshotMount> MountAsync(
        EtcdSnapshot snapshot,
        EtcdCluster cluster,
        MountOptions options,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        Show(snapshot, "Reading the database");
        await using var reader = await SnapshotReader.OpenAsync(snapshot, hosts, context, cancellationToken);
        using var subject = await MountSubject.ReadAsync(reader, context.Sink.Warning, cancellationToken);
        var sink = new MountSink(context.Sink);
        var session = new ClusterSession(cluster, new OperationContext(sink, context.ThrottleLimit, context.Time), hosts);
        LiveMount? live = null;
        try
        {
            var host = await DrillHost.FindAsync(session, options.Node, cancellationToken);
            var programs = await MountPrograms.FindAsync(
                host,
                reader.Snapshot.EtcdVersion,
                options.ToolPath ?? cluster.Etcd.ToolPath,
                cancellationToken
            );
            Warn(reader.Snapshot, programs);
            var described = Describe(reader.Snapshot, subject, cluster, host, programs);
            using var certificates = MountCertificates.Create(MountCommands.Longest + TimeSpan.FromHours(1));
            live = Start(session, host, programs, subject, described, reader, certificates);
            var mount = await ServeAsync(live, host, described, subject, certificates, cancellationToken);
            live.Keep(mount);
            sink.Detach();
            return mount;
        }
        catch
        {
            await (live?.DisposeAsync() ?? session.DisposeAsync());
            throw;
        }
    }

    /// <summary>Lists what is mounted on the nodes of a cluster, whoever mounted it.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The mounts; a node that does not answer is an error of its own.</returns>
    public async Task<IReadOnlyList<EtcdSnapshotMount>> ListAsync(EtcdCluster cluster, CancellationToken cancellationToken)
    {
        await using var session = new ClusterSession(cluster, context, hosts);
        var nodes = await ClusterNodes.GetAsync(session, null, cancellationToken);
        var listed = await Task.WhenAll(
            nodes.Where(n => n.Role == NodeRole.ControlPlane).Select(n => ListAsync(session, n, cancellationToken))
        );
        return [.. listed.SelectMany(l => l).Select(m => LiveMount.Find(m.Id)?.Mount ?? m)];
    }

    /// <summary>Ends a mount of this session; the run on the node removes all that it made.</summary>
    /// <param name="id">Its id.</param>
    /// <returns>Whether this session held it.</returns>
    public static async Task<bool> DismountAsync(string id)
    {
        if (LiveMount.Find(id) is not { } live)
        {
            return false;
        }

        await live.DisposeAsync();
        return true;
    }

    /// <summary>Ends a mount that another session holds or has left, on its node.</summary>
    /// <param name="mount">The mount.</param>
    /// <param name="cluster">Its cluster.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="EtcdDrException"><c>NodeNotFound</c>, or what the connection throws.</exception>
    public async Task DismountAsync(EtcdSnapshotMount mount, EtcdCluster cluster, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(mount);
        await using var session = new ClusterSession(cluster, context, hosts);
        var host = await DrillHost.FindAsync(session, mount.Node, cancellationToken);
        await host.RunAsync(MountCommands.End.With(Root, mount.Id), cancellationToken);
    }

    /// <summary>A connection to a mount of this machine.</summary>
    /// <param name="mount">The mount.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="EtcdDrException"><c>MountElsewhere</c>: it serves another session, or has ended.</exception>
    public static Task<KubeApi> ConnectAsync(EtcdSnapshotMount mount, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(mount);
        return mount.Kubeconfig is { } kubeconfig && File.Exists(kubeconfig)
            ? ConnectAsync(kubeconfig, null, cancellationToken)
            : throw new EtcdDrException(
                "MountElsewhere",
                EtcdDrErrorCategory.ObjectNotFound,
                Errors.MountElsewhere.With(mount),
                Errors.MountElsewhere_Action,
                mount.Id
            );
    }

    private static Task<KubeApi> ConnectAsync(string kubeconfig, KubeApiSettings? settings, CancellationToken cancellationToken) =>
        KubeApi.ConnectByContextAsync(
            Kubeconfig.Load(kubeconfig).Context(null),
            null,
            [new KubeRoute(endpoint: null)],
            cancellationToken,
            settings
        );

    private async Task<IReadOnlyList<EtcdSnapshotMount>> ListAsync(
        ClusterSession session,
        ClusterNode node,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var host = await session.HostAsync(node, cancellationToken);
            return MountRecord.Read((await host.RunAsync(MountCommands.List, cancellationToken)).Text, session.Cluster.Name, node.Name);
        }
        catch (EtcdDrException failure)
        {
            context.Sink.Error(failure);
            return [];
        }
    }

    private LiveMount Start(
        ClusterSession session,
        IRemoteHost host,
        MountPrograms programs,
        MountSubject subject,
        EtcdSnapshotMount described,
        SnapshotReader reader,
        MountCertificates certificates
    )
    {
        List<(string Name, byte[] Content)> files =
        [
            (MountFiles.Authority, Encoding.ASCII.GetBytes(certificates.AuthorityPem)),
            (MountFiles.Certificate, Encoding.ASCII.GetBytes(certificates.ServerPem)),
            (MountFiles.Key, certificates.ServerKeyPem),
            (MountFiles.Policy, Encoding.ASCII.GetBytes(MountFiles.PolicyText)),
            (MountFiles.Egress, Encoding.ASCII.GetBytes(MountFiles.EgressText)),
            .. subject.Encryption is { } encryption ? [(MountFiles.Encryption, encryption)] : Array.Empty<(string, byte[])>(),
        ];
        var command = MountCommands.Run.With([
            Root,
            described.Id,
            MountRecord.Write(described),
            string.Join(' ', files.Select(f => $"{f.Name}:{Text(f.Content.Length)}")),
            Text(subject.Database.Length),
            subject.Sha256,
            programs.Etcd.Endpoint,
            programs.Etcd.Restore.Source.Text,
            programs.Etcd.Restore.Name,
            programs.Etcd.Server.Source.Text,
            programs.ApiServer.Text,
            Text(subject.NeededBytes),
            Text(subject.MemoryBytes),
            subject.Found.HasTrailer ? "check" : "nocheck",
            Text((long)MountCommands.Longest.TotalSeconds),
            .. MountFlags.Of(programs.Node, programs.Version, reader.Settings, subject.Encryption is not null),
        ]);
        context.Sink.Verbose(
            $"Mounting on {host.Name} with {programs.Etcd.Restore.Place}, {programs.Etcd.Server.Place} and "
                + $"{programs.ApiServer.Describe("kube-apiserver")}."
        );
        var feed = new DrillFeed(files.Select(f => f.Content), Counted(subject, reader.Snapshot, host.Name), context.Time);
        var giveUp = new CancellationTokenSource();
        return new LiveMount(session, host.WriteAsync(command, feed, giveUp.Token), feed, giveUp);
    }

    private async Task<EtcdSnapshotMount> ServeAsync(
        LiveMount live,
        IRemoteHost host,
        EtcdSnapshotMount described,
        MountSubject subject,
        MountCertificates certificates,
        CancellationToken cancellationToken
    )
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bound.CancelAfter(subject.Limit);
        try
        {
            var port = await StartedAsync(live, host, described, bound.Token);
            Show(described, "Waiting for its API");
            live.Port = await host.ForwardAsync("127.0.0.1", port, bound.Token);
            live.Directory = MountDirectory.Create();
            live.Directory.Write(
                MountFiles.Kubeconfig(
                    described.Id,
                    live.Port.Port,
                    certificates.AuthorityPem,
                    certificates.ReaderPem,
                    Encoding.ASCII.GetString(certificates.ReaderKeyPem)
                )
            );
            await using var api = await ConnectAsync(live.Directory.Kubeconfig, Probing, bound.Token);
            await ReadyAsync(api, live, host, described, bound.Token);
            return described with
            {
                Kubeconfig = live.Directory.Kubeconfig,
                Server = new Uri($"https://127.0.0.1:{live.Port.Port}"),
                KubernetesVersion = (await api.VersionAsync(bound.Token)).GitVersion,
            };
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw Failed(host.Name, Errors.MountFailed_Late_Part.With(subject.Limit.TotalSeconds), e);
        }
    }

    private async Task<int> StartedAsync(LiveMount live, IRemoteHost host, EtcdSnapshotMount described, CancellationToken cancellationToken)
    {
        while (!live.Running.IsCompleted)
        {
            var state = (await StateAsync(host, described, cancellationToken))[0].Split(' ');
            if (state is ["serving", var port, ..])
            {
                if (state.Length == 2)
                {
                    context.Sink.Verbose(
                        $"{host.Name} gave no control group; what the mount takes is bounded by its programs' own limits."
                    );
                }

                return int.Parse(port, NumberStyles.None, CultureInfo.InvariantCulture);
            }

            await Task.WhenAny(live.Running, Task.Delay(Poll, cancellationToken));
            cancellationToken.ThrowIfCancellationRequested();
        }

        throw Refused(host.Name, await live.Running);
    }

    private async Task ReadyAsync(
        KubeApi api,
        LiveMount live,
        IRemoteHost host,
        EtcdSnapshotMount described,
        CancellationToken cancellationToken
    )
    {
        while (!await api.ProbeAsync("/readyz", cancellationToken))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (live.Running.IsCompleted)
            {
                throw Refused(host.Name, await live.Running);
            }

            var state = await StateAsync(host, described, cancellationToken);
            if (Array.FindIndex(state, l => l.StartsWith("ended ", StringComparison.Ordinal)) is >= 0 and var ended)
            {
                throw Failed(
                    host.Name,
                    Errors.MountFailed_Ended_Part.With(state[ended]["ended ".Length..], string.Join(" | ", state.Skip(ended + 1)))
                );
            }

            await Task.Delay(Poll, cancellationToken);
        }
    }

    private async Task<string[]> StateAsync(IRemoteHost host, EtcdSnapshotMount described, CancellationToken cancellationToken) =>
        (await host.RunAsync(MountCommands.State.With(Root, described.Id), cancellationToken)).Text.TrimEnd('\n').Split('\n');

    private EtcdSnapshotMount Describe(
        EtcdSnapshot snapshot,
        MountSubject subject,
        EtcdCluster cluster,
        IRemoteHost host,
        MountPrograms programs
    ) =>
        new()
        {
            Id = $"mount-{Guid.NewGuid():N}",
            Snapshot = snapshot.Name,
            SnapshotPath = snapshot.ToString(),
            Cluster = cluster.Name,
            Node = host.Name,
            KubernetesVersion = programs.Version,
            EtcdVersion = programs.Etcd.Server.Version,
            Revision = subject.Found.Revision,
            Started = context.Time.GetUtcNow().UtcDateTime,
            By = $"{Environment.UserName} on {Environment.MachineName}",
        };

    private void Warn(EtcdSnapshot snapshot, MountPrograms programs)
    {
        if (
            snapshot.KubernetesVersion is { } taken
            && programs.Version is { } served
            && EtcdVersions.Minor(taken) != EtcdVersions.Minor(served)
        )
        {
            context.Sink.Warning(
                $"'{snapshot.Name}' was taken from Kubernetes {taken} and is served by {served}: kinds and versions that only one of them "
                    + "knows are not seen."
            );
        }
    }

    private CountingStream Counted(MountSubject subject, EtcdSnapshot snapshot, string node)
    {
        var total = subject.Database.Length;
        return new CountingStream(
            subject.Database.OpenStream(),
            done =>
                context.Sink.Progress(
                    new ProgressUpdate($"Mount {snapshot.Name}", node, "Shipping the database")
                    {
                        BytesDone = done,
                        BytesTotal = total,
                        Completed = done >= total,
                    }
                )
        );
    }

    private void Show(EtcdSnapshot snapshot, string step) =>
        context.Sink.Progress(new ProgressUpdate($"Mount {snapshot.Name}", null, step));

    private void Show(EtcdSnapshotMount mount, string step) =>
        context.Sink.Progress(new ProgressUpdate($"Mount {mount.Snapshot}", mount.Node, step));

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static EtcdDrException Failed(string node, string why, Exception? cause = null) =>
        new(
            "MountFailed",
            EtcdDrErrorCategory.InvalidOperation,
            Errors.MountFailed.With(node, why),
            Errors.MountFailed_Action,
            node,
            cause
        );

    private static EtcdDrException Refused(string node, CommandResult result) =>
        result.ExitStatus switch
        {
            MountCommands.Busy => new EtcdDrException(
                "MountBusy",
                EtcdDrErrorCategory.ResourceBusy,
                Errors.MountBusy.With(node),
                Errors.MountBusy_Action,
                node
            ),
            MountCommands.NoSpace => new EtcdDrException(
                "MountSpaceMissing",
                EtcdDrErrorCategory.ResourceUnavailable,
                Errors.MountSpaceMissing.With(node, result.StandardError.Trim()),
                Errors.MountSpaceMissing_Action,
                node
            ),
            MountCommands.NoMemory => new EtcdDrException(
                "MountMemoryMissing",
                EtcdDrErrorCategory.ResourceUnavailable,
                Errors.MountMemoryMissing.With(node, result.StandardError.Trim()),
                Errors.MountMemoryMissing_Action,
                node
            ),
            MountCommands.Damaged => RemoteDrill.Damaged(node, result),
            _ => Failed(node, Errors.MountFailed_RunEnded_Part),
        };
}
