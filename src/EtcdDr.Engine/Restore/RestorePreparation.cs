using EtcdDr.Engine.Clusters;
using EtcdDr.Engine.Journals;
using EtcdDr.Engine.Mirror;
using EtcdDr.Engine.Mirror.Fencing;
using EtcdDr.Engine.Nodes;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Snapshots;
using EtcdDr.Engine.Snapshots.Places;
using EtcdDr.Engine.Snapshots.Verification;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.Restore;

/// <summary>Phase 1 of a restore: reads the snapshot and every node, judges what it found and makes the plan. Changes nothing.</summary>
internal sealed class RestorePreparation(
    EtcdSnapshot snapshot,
    EtcdCluster cluster,
    RestoreOptions options,
    OperationContext context,
    IRemoteHostFactory hosts
)
{
    private string Activity => $"Restore {snapshot.Name} into {cluster.Name}";

    public async Task<PreparedRestore> RunAsync(CancellationToken cancellationToken)
    {
        var session = new ClusterSession(cluster, context, hosts);
        PreparedRestore? prepared = null;
        try
        {
            prepared = new PreparedRestore(session, await SnapshotReader.OpenAsync(snapshot, hosts, context, cancellationToken));
            await FillAsync(prepared, cancellationToken);
            return prepared;
        }
        catch
        {
            if (prepared is not null)
            {
                await prepared.DisposeAsync();
            }
            else
            {
                await session.DisposeAsync();
            }

            throw;
        }
    }

    private async Task FillAsync(PreparedRestore prepared, CancellationToken cancellationToken)
    {
        Show("Checking the snapshot and reading the nodes");
        await prepared.Snapshot.UnlockAsync(cancellationToken);
        await prepared.Session.ApiAsync(cancellationToken);
        var verifying = VerifyAsync(prepared, cancellationToken);
        var theirs = SnapshotFacts.ReadAsync(prepared.Snapshot, cancellationToken);
        var source = SourceAsync(cancellationToken);
        var site = await ReadSiteAsync(prepared.Session, theirs, cancellationToken);
        site = LikeBefore(site);
        prepared.Choice = new NodeChoice(Names(site, lost: false), Names(site, lost: true));
        prepared.AllNodes = [.. site.Nodes.Where(n => !n.Lost).Select(SiteReader.Of)];
        var facts = ControlPlane(site);
        prepared.DatabaseSha256 = await verifying;

        var journals = RestoreJournals.WithEnds(facts.SelectMany(f => f.Journals).ToList());
        prepared.Earlier = Interrupted(prepared, journals);
        var standing = prepared.Earlier ?? Stage(journals, prepared);
        prepared.OldStages = journals
            .Where(j => j.Journal.State is RestoreState.Staging or RestoreState.Staged && j.Journal.Id != standing?.Id)
            .ToList();

        var id = standing?.Id ?? NewId();
        prepared.Keys = KeyFiles(prepared.Snapshot, facts);
        var before = MembersBefore.Of(site);
        prepared.Nodes = facts.Select(f => Node(id, f, standing, prepared.Keys, before)).ToList();
        var served = RevisionBump.Served(before.Values, journals.Select(j => j.Journal)).ToList();
        var standings = await StandingsAsync(prepared, standing, served, cancellationToken);
        prepared.Action = RestoreDecision.Next(options.StageOnly ? RestoreIntent.Stage : RestoreIntent.Restore, standings);
        RefuseWhatServesInPart(prepared, id);

        var ready = prepared.Action.Kind is not RestoreActionKind.Stage;
        prepared.Token = RestoreDecision.Token(prepared.Action, standing?.Token);
        prepared.Staged = ready
            ? standings.Select(s => s.Node).ToHashSet(StringComparer.Ordinal)
            : new HashSet<string>(StringComparer.Ordinal);
        var ofLost = LostNodes.LookAsync(
            prepared.Session,
            site.ControlPlane.Where(n => n.Lost),
            prepared.Choice.LostCouldServe,
            cancellationToken
        );
        prepared.Tools = RestoreTools.Choose(facts);
        prepared.RaiseRevisionBy = RevisionBump.By(prepared.Revision, served);
        prepared.RaisedTo = RaisedTo(prepared, ready ? standing : null);
        prepared.PreviousClusterId =
            standing?.PreviousClusterId ?? before.Values.Select(b => b.ClusterId).FirstOrDefault(b => b is not null);
        IReadOnlyList<RestoreFinding> further =
        [
            .. await KeyFindingsAsync(prepared, facts, cancellationToken),
            .. await ofLost,
            .. SourceFindings.Judge(await source, await theirs, site, options.Quiesce),
            .. options.Quiesce ? QuiesceFindings.Judge(await theirs, site) : [],
        ];
        prepared.Plan = Plan(id, prepared, await theirs, site, further);
    }

    private async Task<SiteFacts?> SourceAsync(CancellationToken cancellationToken) =>
        options is { Source: { } source, StageOnly: false } ? await SourceReader.ReadAsync(source, context, cancellationToken) : null;

    /// <summary>Sums of all files, and the database's own. A database without etcd's own sum, out of a data directory, has nothing that
    /// vouches for it: it is read page by page.</summary>
    private static async Task<string> VerifyAsync(PreparedRestore prepared, CancellationToken cancellationToken)
    {
        var reader = prepared.Snapshot;
        await reader.VerifySumsAsync(null, cancellationToken);
        prepared.Revision = reader.Snapshot.Revision;
        if (reader.DatabaseLength % 512 != Etcd.Database.BoltFile.TrailerBytes)
        {
            using var local = await LocalDatabase.OpenAsync(reader, null, cancellationToken);
            using var database = Etcd.Database.EtcdDatabase.Open(local.OpenSource());
            var summary = await Task.Run(() => database.Summarize(null, cancellationToken), cancellationToken);
            prepared.Revision ??= summary.Revision;
        }

        return reader.DatabaseSha256 ?? await reader.Store.Sha256Async(reader.DatabasePath, cancellationToken);
    }

    // A cluster whose API is dead is the usual case for a restore; then the profile must name the nodes.
    private Task<SiteFacts> ReadSiteAsync(ClusterSession session, Task<SiteFacts> snapshot, CancellationToken cancellationToken)
    {
        var reader = new SiteReader(session, isPrimary: false, Activity) { Choose = Choose };
        return reader.ReadNodesAsync(ReadApiAsync(), StorageServers.OfAsync(snapshot), cancellationToken);

        async Task<SiteFacts> ReadApiAsync()
        {
            var site = await reader.ReadApiAsync(cancellationToken);
            if (site.ApiFailure is not { } failure)
            {
                return site;
            }

            context.Sink.Verbose($"The API of cluster '{cluster.Name}' is not ready; nodes are taken from the profile. {failure.Message}");
            var nodes = await ClusterNodes.GetAsync(session, null, cancellationToken);
            return site with { Nodes = Choose([.. nodes.Select(n => new SiteNode(n.Name, n.Role, n.Address))]) };
        }
    }

    private IReadOnlyList<SiteNode> Choose(IReadOnlyList<SiteNode> nodes)
    {
        var controlPlane = nodes.Where(n => n.Role == NodeRole.ControlPlane).Select(n => n.Name).ToList();
        var lost = controlPlane.Count == 0 ? [] : NodeChoice.Of(cluster.Name, controlPlane, options.Survivors, options.Lost).Lost;
        return [.. nodes.Select(n => n with { Lost = n.Role == NodeRole.ControlPlane && lost.Contains(n.Name) })];
    }

    // Whoever runs a restore again that was interrupted need not know by heart which nodes it gave up.
    private SiteFacts LikeBefore(SiteFacts site)
    {
        if (options.Survivors.Count > 0 || options.Lost.Count > 0)
        {
            return site;
        }

        var earlier = site
            .ControlPlane.SelectMany(n => n.Facts?.Journals ?? [])
            .Select(j => j.Journal)
            .Where(j => j.Unfinished)
            .MaxBy(j => j.Created);
        return earlier is { Lost.Count: > 0 }
            ? site with
            {
                Nodes = [.. site.Nodes.Select(n => earlier.Lost.Contains(n.Name) ? n with { Lost = true, Failure = null } : n)],
            }
            : site;
    }

    private static IReadOnlyList<string> Names(SiteFacts site, bool lost) =>
        [.. site.ControlPlane.Where(n => n.Lost == lost).Select(n => n.Name).Order(StringComparer.Ordinal)];

    private static IReadOnlyList<NodeFacts> ControlPlane(SiteFacts site)
    {
        var failures = site
            .ControlPlane.Where(n => n is { Lost: false, Failure: not null })
            .ToDictionary(n => n.Name, n => n.Failure!, StringComparer.Ordinal);
        return failures.Count == 0
            ? [.. site.ControlPlane.Where(n => !n.Lost).Select(n => n.Facts!).OrderBy(f => f.Node.Name, StringComparer.Ordinal)]
            : throw NotReadable(failures);
    }

    // What all nodes fail of alike (a key that is refused, say) keeps its name; scripts match on it.
    private static EtcdDrException NotReadable(IReadOnlyDictionary<string, EtcdDrException> failures)
    {
        var first = failures.OrderBy(f => f.Key, StringComparer.Ordinal).First();
        if (failures.Count == 1)
        {
            return first.Value;
        }

        var together = RestoreRun.StepFailed("preflight", failures);
        return failures.Values.Any(f => f.ErrorId != first.Value.ErrorId)
            ? together
            : new EtcdDrException(
                first.Value.ErrorId,
                first.Value.Category,
                together.Message,
                first.Value.RecommendedAction,
                first.Key,
                first.Value
            );
    }

    /// <summary>The restore that was interrupted on these nodes, if it is this one; an error if it is another.</summary>
    private RestoreJournal? Interrupted(PreparedRestore prepared, IReadOnlyList<NodeJournal> journals)
    {
        var unfinished = journals.Where(j => j.Journal.Unfinished).ToList();
        var other = unfinished.FirstOrDefault(j => j.Journal.DatabaseSha256 != prepared.DatabaseSha256 || options.StageOnly);
        if (other is not null)
        {
            throw new EtcdDrException(
                "RestoreUnfinished",
                EtcdDrErrorCategory.InvalidOperation,
                Errors.RestoreUnfinished_Interrupted.With(
                    cluster.Name,
                    other.Journal.Id,
                    other.Journal.Snapshot,
                    other.Node,
                    other.Journal.State
                ),
                Errors.RestoreUnfinished_Interrupted_Action.With(cluster.Name, other.Journal.Id),
                cluster.Name
            );
        }

        if (unfinished.FirstOrDefault(j => j.Journal.Quiesce != options.Quiesce) is { } different)
        {
            throw new EtcdDrException(
                "RestoreUnfinished",
                EtcdDrErrorCategory.InvalidOperation,
                different.Journal.Quiesce
                    ? Errors.RestoreUnfinished_Quiet.With(cluster.Name, different.Journal.Id, different.Journal.Snapshot)
                    : Errors.RestoreUnfinished_NotQuiet.With(cluster.Name, different.Journal.Id, different.Journal.Snapshot),
                different.Journal.Quiesce
                    ? Errors.RestoreUnfinished_Quiet_Action.With(cluster.Name, different.Journal.Id)
                    : Errors.RestoreUnfinished_NotQuiet_Action.With(cluster.Name, different.Journal.Id),
                cluster.Name
            );
        }

        return unfinished.OrderByDescending(j => j.Journal.Created).Select(j => j.Journal).FirstOrDefault();
    }

    // The new state serves, and a node has lost its part of it: whether what serves is accepted or undone is for people to say.
    private void RefuseWhatServesInPart(PreparedRestore prepared, string id)
    {
        if (prepared.Action.Kind != RestoreActionKind.Refuse)
        {
            return;
        }

        throw new EtcdDrException(
            "RestoreUnfinished",
            EtcdDrErrorCategory.InvalidOperation,
            Errors.RestoreUnfinished_ServesInPart.With(cluster.Name, id, string.Join(", ", prepared.Action.Nodes)),
            Errors.RestoreUnfinished_ServesInPart_Action.With(cluster.Name, id),
            cluster.Name
        );
    }

    // A stage for other nodes is none for these: what is left of it on a node that is given up must not be taken for a part of this one.
    private static RestoreJournal? Stage(IEnumerable<NodeJournal> journals, PreparedRestore prepared) =>
        journals
            .Select(j => j.Journal)
            .Where(j => j.State is RestoreState.Staged or RestoreState.Staging && j.DatabaseSha256 == prepared.DatabaseSha256)
            .Where(j => j.Nodes.Select(n => n.Name).ToHashSet(StringComparer.Ordinal).SetEquals(prepared.Choice.Survivors))
            .OrderByDescending(j => j.Created)
            .FirstOrDefault();

    private string NewId() => $"{SnapshotNames.Stamp(context.Time.GetUtcNow())}-{Guid.NewGuid().ToString("N")[..6]}";

    private static IReadOnlyList<RestoreKeyFile> KeyFiles(SnapshotReader reader, IReadOnlyList<NodeFacts> facts)
    {
        var files = new List<RestoreKeyFile>();
        void Add(string name, string? snapshotPath, Func<NodeFacts, string?> livePath)
        {
            var paths = facts
                .Select(f => (f.Node.Name, Path: livePath(f)))
                .Where(p => p.Path is not null)
                .ToDictionary(p => p.Name, p => p.Path!);
            if (snapshotPath is not null && paths.Count > 0)
            {
                files.Add(new RestoreKeyFile(name, snapshotPath, paths));
            }
        }

        Add("sa.key", reader.ServiceAccountKeyPath, f => f.Manifests.ApiServer?.ServiceAccountSigningKeyFile);
        Add("sa.pub", reader.ServiceAccountPublicKeyPath, f => PublicKeyFile(f));
        if (reader.EncryptionConfigs.Count > 0)
        {
            Add("encryption-config", reader.EncryptionConfigs[0].Path, f => f.Manifests.ApiServer?.EncryptionProviderConfig);
        }

        foreach (var path in RetiredKeys(reader))
        {
            Add(path["keys/".Length..], path, f => RetiredKeyFile(f, path));
        }

        return files;
    }

    private static IEnumerable<string> RetiredKeys(SnapshotReader reader) =>
        (reader.Manifest?.Files ?? []).Select(f => f.Path).Where(p => p.StartsWith(SnapshotKeys.RetiredPrefix, StringComparison.Ordinal));

    // Further keys for verification go where the target's own apiserver reads one of that name.
    private static string? RetiredKeyFile(NodeFacts facts, string path) =>
        facts.Manifests.ApiServer?.ServiceAccountKeyFiles.FirstOrDefault(f =>
            SnapshotKeys.RetiredPath(f) == path && f != PublicKeyFile(facts) && f != facts.Manifests.ApiServer.ServiceAccountSigningKeyFile
        );

    // A pair that does not match would make every token of the restored state worthless: that is said before anything is staged.
    private static async Task<IReadOnlyList<RestoreFinding>> KeyFindingsAsync(
        PreparedRestore prepared,
        IReadOnlyList<NodeFacts> facts,
        CancellationToken cancellationToken
    )
    {
        const string Check = "ServiceAccountKeys";
        var findings = new List<RestoreFinding>();
        if (await KeyVerification.PairFaultAsync(prepared.Snapshot, cancellationToken) is { } fault)
        {
            findings.Add(
                new RestoreFinding(
                    Check,
                    null,
                    $"The service-account keys of snapshot {prepared.Snapshot.Snapshot.Name} are not usable: {fault}.",
                    KeyVerification.Remedy,
                    Blocks: true
                )
            );
        }

        findings.AddRange(await KmsFindings.OfAsync(prepared, facts, cancellationToken));
        findings.AddRange(
            from path in RetiredKeys(prepared.Snapshot)
            from node in facts
            where RetiredKeyFile(node, path) is null
            select new RestoreFinding(
                Check,
                node.Node.Name,
                $"The source verifies tokens with one more key ({path}), and no --service-account-key-file of node '{node.Node.Name}' "
                    + "is named so; tokens that it signed are refused after the restore.",
                "Add --service-account-key-file with a file of that name to the apiserver's manifest, or have the workloads' tokens "
                    + "made anew.",
                Blocks: false
            )
        );
        return findings;
    }

    // With several key files the one that belongs to the signing key is replaced; kubeadm has exactly one.
    private static string? PublicKeyFile(NodeFacts facts)
    {
        var api = facts.Manifests.ApiServer;
        var expected = api?.ServiceAccountSigningKeyFile is { } key ? System.IO.Path.ChangeExtension(key, ".pub") : null;
        return api?.ServiceAccountKeyFiles.FirstOrDefault(f => f == expected)
            ?? api?.ServiceAccountKeyFiles.FirstOrDefault(f => f != api.ServiceAccountSigningKeyFile);
    }

    private static RestoreNode Node(
        string id,
        NodeFacts facts,
        RestoreJournal? standing,
        IReadOnlyList<RestoreKeyFile> keys,
        IReadOnlyDictionary<string, MemberBefore> before
    )
    {
        var own = keys.Where(k => k.LivePath.ContainsKey(facts.Node.Name))
            .Select(k => new JournalKey(k.LivePath[facts.Node.Name], k.Name))
            .ToList();
        var built = JournalNodeBuilder.Build(id, facts, own) with { Before = before.GetValueOrDefault(facts.Node.Name) };
        var journalled = standing?.Nodes.FirstOrDefault(n => n.Name == facts.Node.Name);
        return new RestoreNode(facts.Node, journalled ?? built, facts);
    }

    // What lies ready was raised when it was built; a program that is uploaded tells what it can only then.
    private long? RaisedTo(PreparedRestore prepared, RestoreJournal? ready)
    {
        if (ready is not null)
        {
            return ready.RaisedTo;
        }

        var raises = prepared.Tools.Own.Count == 0 ? cluster.Etcd.UploadTool is not null : prepared.Tools.Raise;
        return raises ? prepared.Revision + prepared.RaiseRevisionBy : null;
    }

    /// <summary>Where each node stands. A stage that was built for other members is none, nor is one that begins below what was served
    /// since.</summary>
    private static async Task<IReadOnlyList<NodeStanding>> StandingsAsync(
        PreparedRestore prepared,
        RestoreJournal? standing,
        IReadOnlyList<long> served,
        CancellationToken cancellationToken
    )
    {
        if (standing is null)
        {
            return [.. prepared.Nodes.Select(n => new NodeStanding { Node = n.Name })];
        }

        var same = SameMembers(standing, prepared.Nodes) && !RevisionBump.IsOutdated(standing, served);
        var seen = await Task.WhenAll(
            prepared.Nodes.Select(async node =>
            {
                var host = await prepared.Session.HostAsync(node.Node, cancellationToken);
                var found = await RestoreRun.LookAsync(host, node.Journal, cancellationToken);
                return found with { Staged = found.Staged && same };
            })
        );
        var others = standing.Nodes.Select(n => n.Name).Except(prepared.Choice.Survivors, StringComparer.Ordinal);
        return [.. seen, .. others.Select(NodeStanding.GivenUp)];
    }

    private static bool SameMembers(RestoreJournal standing, IReadOnlyList<RestoreNode> nodes) =>
        standing.Nodes.Count == nodes.Count
        && nodes.All(n =>
            n.Journal.MemberName == n.Facts.Etcd.Name
            && n.Journal.DataDirectory == n.Facts.DataDirectory
            && n.Journal.PeerUrls.SequenceEqual(n.Facts.Etcd.InitialAdvertisePeerUrls.Select(JournalNodeBuilder.Text))
        );

    private RestorePlan Plan(string id, PreparedRestore prepared, SiteFacts theirs, SiteFacts site, IReadOnlyList<RestoreFinding> further)
    {
        var workers = prepared.AllNodes.Where(n => n.Role == NodeRole.Worker).Select(n => n.Name).ToList();
        var dbSize = prepared.Snapshot.DatabaseLength;
        var nodes = prepared
            .Nodes.Select(n => RestorePlanner.PlanNode(n.Facts, n.Journal, prepared.Tools, dbSize, prepared.Staged.Contains(n.Name)))
            .ToList();
        var recycles = options.Quiesce ? [] : RestorePlanner.Recycles(cluster.Recycle, prepared.AllNodes.Count);
        var staged = site with { Nodes = [.. site.Nodes.Select(n => n with { Staged = prepared.Staged.Contains(n.Name) })] };
        IReadOnlyList<RestoreFinding> findings = [.. RestorePreflight.Judge(theirs with { DbSize = dbSize }, staged), .. further];
        var (total, away) = RestorePlanner.Estimate(dbSize, prepared.Staged.Count == nodes.Count, options.StageOnly);
        var found = prepared.Snapshot.Snapshot;
        var target = TargetState.Of(site);
        return new RestorePlan
        {
            Id = id,
            Cluster = cluster.Name,
            Snapshot = snapshot.Name,
            SnapshotCluster = found.Cluster,
            SnapshotCreated = found.Created,
            SnapshotLabel = found.Label,
            SnapshotRevision = prepared.Revision,
            TargetRevision = target.Revision,
            TargetNewestChange = target.NewestChange,
            TargetNewestKey = target.NewestKey,
            TargetWritten = target.Written,
            RaisedTo = prepared.RaisedTo,
            Made = context.Time.GetUtcNow().UtcDateTime,
            DbSize = dbSize,
            StageOnly = options.StageOnly,
            Quiesce = options.Quiesce,
            Lost = prepared.Choice.Lost,
            LostCouldServe = prepared.Choice.LostCouldServe,
            Nodes = nodes,
            Workers = workers,
            Steps = RestorePlanner.Steps(nodes, workers, prepared.Keys.Select(k => k.Name).ToList(), options, recycles),
            Recycles = options.StageOnly ? [] : recycles,
            Findings = findings.Select(f => f.Blocks && Skipped(f.Check) ? f with { Blocks = false } : f).ToList(),
            EstimatedApiDowntime = away,
            EstimatedDuration = total,
        };
    }

    private bool Skipped(string check) => options.SkipChecks.Any(pattern => Wildcard.Matches(pattern, check));

    private void Show(string step) => context.Sink.Progress(new ProgressUpdate(Activity, null, step));
}
