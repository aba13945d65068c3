using EtcdDr.Engine.Clusters;
using EtcdDr.Engine.ControlPlane;
using EtcdDr.Engine.Etcd;
using EtcdDr.Engine.Etcd.Database;
using EtcdDr.Engine.Kube;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Snapshots.Places;
using EtcdDr.Engine.Snapshots.Sealing;

namespace EtcdDr.Engine.Snapshots;

/// <summary>
/// Takes a snapshot of a cluster: database, keys, node archives and inventory, all at once, into a place where it has its name only when it
/// is whole. Reads from the cluster and changes nothing there; it holds the cluster's lock together with other snapshots, so that no
/// restore runs meanwhile.
/// </summary>
public sealed class NewSnapshotOperation
{
    private const string Database = "etcd-snapshot.db";

    /// <summary>Room for everything but the database.</summary>
    private const long SpaceForTheRest = 32 * 1024 * 1024;

    private readonly ClusterSession _session;
    private readonly NewSnapshotOptions _options;
    private readonly OperationContext _context;
    private readonly string _activity;

    /// <summary>Prepares a snapshot.</summary>
    /// <param name="session">The cluster's session.</param>
    /// <param name="options">Where to, and how.</param>
    public NewSnapshotOperation(ClusterSession session, NewSnapshotOptions options)
    {
        _session = session;
        _options = options;
        _context = session.Context;
        _activity = $"Snapshot of {session.Cluster.Name}";
    }

    /// <summary>Takes it of the nodes that the profile or the kube API tells.</summary>
    /// <param name="cancellationToken">Stops it; nothing is left behind.</param>
    /// <exception cref="EtcdDrException">As the other overload, and what <see cref="ClusterNodes"/> throws.</exception>
    public async Task<EtcdSnapshot> RunAsync(CancellationToken cancellationToken)
    {
        await using var api = await ConnectApiAsync(cancellationToken);
        return await RunAsync(await ClusterNodes.GetAsync(_session, api, cancellationToken), api, cancellationToken);
    }

    /// <summary>Takes it.</summary>
    /// <param name="nodes">All nodes of the cluster.</param>
    /// <param name="api">The kube API; null where it is away, which costs the inventory but not the snapshot.</param>
    /// <param name="cancellationToken">Stops it; nothing is left behind.</param>
    /// <exception cref="EtcdDrException">
    /// What <see cref="SnapshotSource"/>, <see cref="EtcdConnection"/> and <see cref="SnapshotProof"/> find; <c>ClusterLocked</c>;
    /// <c>DestinationNotWritable</c>, <c>DestinationFull</c>, <c>SnapshotWriteFailed</c>; what SSH reports.
    /// </exception>
    public async Task<EtcdSnapshot> RunAsync(IReadOnlyList<ClusterNode> nodes, KubeApi? api, CancellationToken cancellationToken)
    {
        using var sealer = Sealer();
        await using var store = await SnapshotStores.OpenAsync(
            _options.Destination,
            _options.DestinationSsh,
            _session.Hosts,
            _context,
            cancellationToken
        );
        await WarnOfUnfinishedAsync(store, cancellationToken);
        await using var writer = await SnapshotWriter.CreateAsync(
            store,
            _context.Time.GetUtcNow(),
            sealer,
            _options.Label,
            _session.Cluster.Name,
            cancellationToken
        );
        Show("Asking the etcd members");
        var opened = await EtcdNode.OpenAllAsync(_session, nodes.Where(n => n.Role == NodeRole.ControlPlane).ToList(), cancellationToken);
        try
        {
            var reachable = opened.Where(n => n.Manifests is not null).Select(n => n.Node);
            await using var shared = await ClusterLock.TakeAsync(
                _session,
                reachable,
                LockMode.Shared,
                $"snapshot {writer.Name}",
                breakOthers: false,
                cancellationToken
            );
            var source = SnapshotSource.Choose(_session.Cluster.Name, opened.Select(SnapshotMember.Of).ToList(), _options.Force);
            await writer.RequireSpaceAsync(source.Status.DbSize + SpaceForTheRest, cancellationToken);
            var manifest = await TakeAsync(writer, nodes, opened, source, api, cancellationToken);
            var path = await writer.CompleteAsync(manifest, cancellationToken);
            foreach (var warning in manifest.Warnings)
            {
                _context.Sink.Warning(warning);
            }

            _context.Sink.Progress(new ProgressUpdate(_activity, null, "Done") { Completed = true });
            var length = writer.ManifestLength;
            var taken = SnapshotCatalog.Placed(
                manifest.ToSnapshot(writer.Name, path, length),
                _options.Destination,
                _options.DestinationSsh
            );
            return Emitted(taken, writer.Readable!, length);
        }
        finally
        {
            await EtcdNode.DisposeAllAsync(opened);
        }
    }

    private SnapshotSealer? Sealer()
    {
        var recipients = _options.EncryptTo ?? _session.Cluster.EncryptTo;
        if (recipients.Count == 0)
        {
            return null;
        }

        var sealer = SnapshotSealer.For(recipients);
        foreach (var warning in sealer.Warnings)
        {
            _context.Sink.Warning(warning);
        }

        return sealer;
    }

    /// <summary>Whoever took a sealed snapshot knows what is in it; files and sizes are those on the disk.</summary>
    private static EtcdSnapshot Emitted(EtcdSnapshot taken, SnapshotManifest readable, long length) =>
        readable.Seal is null
            ? taken
            : taken with
            {
                Sealed = true,
                SealState = SnapshotSealState.Proven,
                Files = readable.Files,
                Size = readable.Files.Sum(f => f.Size) + length,
            };

    /// <summary>A credential plugin whose provider is away is like an API that is away, if the profile lists the nodes.</summary>
    private async Task<KubeApi?> ConnectApiAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await KubeApi.ConnectAsync(_session.Cluster, cancellationToken);
        }
        catch (EtcdDrException failure)
            when (failure.ErrorId == "KubeCredentialFailed" && _session.Cluster.Nodes.Any(n => n.Role == NodeRole.ControlPlane))
        {
            _context.Sink.Verbose(failure.Message);
            return null;
        }
    }

    private async Task<SnapshotManifest> TakeAsync(
        SnapshotWriter writer,
        IReadOnlyList<ClusterNode> nodes,
        IReadOnlyList<EtcdNode> opened,
        SnapshotSource source,
        KubeApi? api,
        CancellationToken cancellationToken
    )
    {
        var node = opened.First(n => n.Node.Name == source.Node);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var read = new TaskCompletionSource<EtcdDatabase>(TaskCreationOptions.RunContinuationsAsynchronously);
        var database = TakeDatabaseAsync(writer, opened, node, read, stop.Token);
        var keys = TakeKeysAsync(writer, node, stop.Token);
        var keyWarnings = SnapshotKeys.CompareAsync(_session, opened, node, stop.Token);
        var outside = OutsideAsync(node, stop.Token);
        var inUse = SnapshotKeys.InUseAsync(_session, [.. opened.Where(n => n.Manifests is not null)], stop.Token);
        var archives = TakeArchivesAsync(writer, opened, stop.Token);
        Show("Reading the inventory");
        var stored = StoredInventory.Of(node.Manifests?.ApiServer, token => read.Task.WaitAsync(token));
        var inventory = SnapshotInventory.WriteAsync(api, node.Manifests, stored, writer, stop.Token);
        try
        {
            await AllOrNothingAsync([database, keys, keyWarnings, outside, inUse, archives, inventory], stop, cancellationToken);
        }
        finally
        {
            if (read.Task.IsCompletedSuccessfully)
            {
                (await read.Task).Dispose();
            }
        }

        var (summary, warnings) = await database;
        var (facts, missing) = await inventory;
        var apiServer = node.Manifests?.ApiServer;
        return new SnapshotManifest
        {
            Label = _options.Label,
            Created = writer.Time.UtcDateTime,
            TakenInSeconds = Math.Round((_context.Time.GetUtcNow() - writer.Time).TotalSeconds, 3),
            Tool = ToolName.Current,
            Cluster = _session.Cluster.Name,
            Server = _session.Cluster.Server.GetLeftPart(UriPartial.Authority),
            KubernetesVersion = facts.KubernetesVersion ?? VersionOf(apiServer?.Image),
            EtcdVersion = source.Status.Version,
            ClusterId = EtcdStatusOperation.Id(source.Status.ClusterId),
            Member = node.Manifests?.Etcd?.Name,
            Leader = opened.FirstOrDefault(n => n.Node.Name == source.Leader)?.Manifests?.Etcd?.Name,
            Revision = summary.Revision,
            CompactRevision = summary.CompactRevision,
            HashKv = summary.HashKv,
            KeyCount = summary.LiveKeys,
            Database = Database,
            Nodes = nodes.Select(n => new SnapshotNode(n.Name, n.Role, n.Address)).ToList(),
            PodCidr = facts.PodCidr,
            ServiceCidr = facts.ServiceCidr,
            ServiceAccountIssuers = apiServer?.ServiceAccountIssuers ?? [],
            EncryptionAtRest = facts.EncryptionAtRest,
            EncryptionConfigs = await keys,
            Warnings =
            [
                .. source.Warnings,
                .. await keyWarnings,
                .. await outside,
                .. await inUse,
                .. await archives,
                .. warnings,
                .. missing,
            ],
            Files = writer.Files,
        };
    }

    /// <summary>Streams the database, reads it back whole, and proves it against the members.</summary>
    private async Task<(DatabaseSummary Summary, IReadOnlyList<string> Warnings)> TakeDatabaseAsync(
        SnapshotWriter writer,
        IReadOnlyList<EtcdNode> opened,
        EtcdNode source,
        TaskCompletionSource<EtcdDatabase> read,
        CancellationToken cancellationToken
    )
    {
        var total = source.Status!.DbSize;
        var progress = new SynchronousProgress(bytes =>
            _context.Sink.Progress(
                new ProgressUpdate(_activity, source.Node.Name, "Streaming the database")
                {
                    BytesDone = bytes,
                    BytesTotal = Math.Max(bytes, total),
                }
            )
        );
        await writer.WriteDatabaseAsync(
            Database,
            async stream => (await source.Connection!.SnapshotAsync(stream, progress, cancellationToken)).Sha256,
            cancellationToken
        );
        Show("Checking the database against all members", source.Node.Name);
        var summary = await SummarizeAsync(writer, read, cancellationToken);
        var voters = opened.Where(n => n.Status is { IsLearner: false }).Select(n => n.Connection!).ToList();
        var warnings = await SnapshotProof.CheckAsync(summary, source.Node.Name, voters, _options.Force, _context, cancellationToken);
        return (summary, warnings);
    }

    // Whoever waits for the database may read on in it, which then knows its live keys already.
    private static async Task<DatabaseSummary> SummarizeAsync(
        SnapshotWriter writer,
        TaskCompletionSource<EtcdDatabase> read,
        CancellationToken cancellationToken
    )
    {
        var database = EtcdDatabase.Open(writer.OpenDatabase(Database, cancellationToken));
        try
        {
            var summary = await Task.Run(() => database.Summarize(0, cancellationToken), cancellationToken);
            read.SetResult(database);
            return summary;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    private async Task<IReadOnlyList<SnapshotKeyFile>> TakeKeysAsync(
        SnapshotWriter writer,
        EtcdNode node,
        CancellationToken cancellationToken
    )
    {
        var host = await _session.HostAsync(node.Node, cancellationToken);
        return await SnapshotKeys.WriteAsync(host, node.Manifests?.ApiServer, writer, cancellationToken);
    }

    private async Task<IReadOnlyList<string>> OutsideAsync(EtcdNode node, CancellationToken cancellationToken) =>
        await SnapshotKeys.OutsideAsync(
            await _session.HostAsync(node.Node, cancellationToken),
            node.Manifests?.ApiServer,
            cancellationToken
        );

    /// <summary>Archives of every control-plane node that SSH reaches; of one that it does not, a warning.</summary>
    private async Task<IReadOnlyList<string>> TakeArchivesAsync(
        SnapshotWriter writer,
        IReadOnlyList<EtcdNode> opened,
        CancellationToken cancellationToken
    )
    {
        var options = new ParallelOptions { MaxDegreeOfParallelism = _context.ThrottleLimit, CancellationToken = cancellationToken };
        var reachable = opened.Where(n => n.Manifests is not null).ToList();
        await Parallel.ForEachAsync(
            reachable,
            options,
            async (node, token) =>
            {
                Show("Archiving /etc/kubernetes", node.Node.Name);
                await SnapshotArchives.WriteAsync(_session, node.Node, writer, token);
            }
        );
        return opened
            .Except(reachable)
            .Select(n => $"Node {n.Node.Name} could not be read, so the snapshot holds no archives of it: {n.Failure?.Message}")
            .ToList();
    }

    private static string? VersionOf(string? image) =>
        image is not null && image[(image.LastIndexOf('/') + 1)..].Split('@')[0].Split(':') is [_, var tag] ? tag : null;

    /// <summary>
    /// Snapshots there that are not whole: another command is writing them, or was cut off. Which of the two cannot be told from here (it
    /// may run on another machine), and a copy that was cut off goes on from its own, so none is ever removed.
    /// </summary>
    private async Task WarnOfUnfinishedAsync(ISnapshotStore store, CancellationToken cancellationToken)
    {
        if (await store.StatAsync(string.Empty, cancellationToken) is not { IsDirectory: true })
        {
            return;
        }

        foreach (var unfinished in (await store.FindUnfinishedAsync(cancellationToken)).OrderBy(u => u.Name, StringComparer.Ordinal))
        {
            if (!SnapshotNames.IsPartial(unfinished.Name))
            {
                continue;
            }

            _context.Sink.Warning(
                $"'{store.FullPath(unfinished.Name)}' is a snapshot that another command is writing, or whose writing was cut off. If no "
                    + "command is writing it any more, Remove-EtcdSnapshot -Unfinished removes it."
            );
        }
    }

    /// <summary>Waits for all; the first failure stops the others and is the one that is told.</summary>
    private static async Task AllOrNothingAsync(
        IReadOnlyList<Task> parts,
        CancellationTokenSource stop,
        CancellationToken cancellationToken
    )
    {
        var left = parts.ToList();
        Task? failed = null;
        while (left.Count > 0)
        {
            var ended = await Task.WhenAny(left);
            left.Remove(ended);
            if (!ended.IsCompletedSuccessfully && failed is null)
            {
                failed = ended;
                await stop.CancelAsync();
            }
        }

        cancellationToken.ThrowIfCancellationRequested();
        if (failed is not null)
        {
            await failed;
        }
    }

    private void Show(string step, string? node = null) => _context.Sink.Progress(new ProgressUpdate(_activity, node, step));

    /// <summary>Reports at once; <see cref="Progress{T}"/> would queue a work item for each block.</summary>
    private sealed class SynchronousProgress(Action<long> report) : IProgress<long>
    {
        public void Report(long value) => report(value);
    }
}
