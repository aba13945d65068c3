using EtcdDr.Engine.ControlPlane;
using EtcdDr.Engine.ControlPlane.Manifests;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Restore;

namespace EtcdDr.Engine.Etcd.Members;

/// <summary>Carries out the coming of a member, from wherever it stands: stop, make room, join without a vote, catch up, vote,
/// serve.</summary>
internal sealed class MemberAddition(PreparedMember prepared, MemberOptions options, OperationContext context)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan TakingBackLimit = TimeSpan.FromMinutes(2);

    private readonly MemberSite _site = prepared.Site;
    private readonly MemberNode _node = prepared.Node!;
    private readonly ControlPlanePart _etcd =
        prepared.Node!.Parts.FirstOrDefault(p => p.Name == ControlPlanePart.Etcd) ?? ControlPlanePart.Usual(ControlPlanePart.Etcd);

    private string Name => _node.Node.Name;

    private string Activity => $"Add member {Name} to {_site.Session.Cluster.Name}";

    private ControlPlaneNode ControlPlane => new(_node.Node, _node.Manifests.With([Joining]), _node.Place, Parts);

    private IReadOnlyList<ControlPlanePart> Parts => [.. _node.Parts.Where(p => p.Name != ControlPlanePart.Etcd), _etcd];

    private NodeManifests Joining =>
        NodeManifests.Parse(
            Name,
            _node.Place.ManifestDirectory,
            new Dictionary<string, string> { [_etcd.File] = prepared.Etcd!.Manifest.Text }
        );

    /// <summary>Carries it out.</summary>
    /// <exception cref="EtcdDrException">A step failed. Before the member has its vote it is taken out of the list again, or it is said how
    /// that is done.</exception>
    /// <exception cref="OperationCanceledException">It was stopped; running it again goes on.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var running = AddMemberOperation.Running(_site, prepared.Own);
        if (running is not { IsLearner: false })
        {
            var id = running?.Id ?? await JoinAsync(cancellationToken);
            await CatchUpAsync(id, cancellationToken);
        }

        await ServeAsync(cancellationToken);
        Show("Done", completed: true);
    }

    /// <summary>What to do for a node that has a member and nothing else of a control plane. Without <c>--control-plane</c> kubeadm's
    /// phases do nothing and say nothing; its phase of etcd would add a second member.</summary>
    internal static string WithoutApiServer(string node, Uri server) =>
        $"etcd of node '{node}' has its vote; the node has no kube-apiserver. On another control-plane node 'kubeadm init phase "
        + "upload-certs --upload-certs' prints a certificate key and 'kubeadm token create --print-join-command' a token and a hash. "
        + $"With them, on '{node}': 'kubeadm join phase control-plane-prepare all {server.Host}:{server.Port} --control-plane "
        + "--certificate-key KEY --token TOKEN --discovery-token-ca-cert-hash HASH' makes certificates, kubeconfigs and manifests, and "
        + "'kubeadm join phase control-plane-join mark-control-plane --control-plane' the node's labels and taints. Leave "
        + "'control-plane-join etcd' out: the member is there.";

    private async Task<ulong> JoinAsync(CancellationToken cancellationToken)
    {
        Show("Stopping what runs");
        await _node.CloseJournalsAsync(cancellationToken);
        await _node.HoldAsync(_node.Parts, options, cancellationToken);
        Show("Keeping what it had");
        string[] directories =
        [
            _node.Place.HoldDirectory,
            prepared.Etcd!.DataHostPath,
            .. prepared.Files!.Files.Select(f => Parent(f.Path)).Distinct(StringComparer.Ordinal),
        ];
        var kept = await _node.KeepDataAsync(prepared.Etcd, directories, cancellationToken);
        await _node.WriteFilesAsync(prepared.Files.Files, cancellationToken);
        TellWhatIsKept(kept);
        if (prepared.Files.Lacks is { } flag)
        {
            context.Sink.Warning(
                $"The apiserver of node '{Name}' lacks {flag}, which the others have: give it the flag, or it cannot read what they wrote."
            );
        }

        Show("Joining without a vote");
        await MemberChange.RemoveAsync(_site, prepared.Own, options.StepTimeout, cancellationToken);
        var id = await AddAsync(cancellationToken);
        try
        {
            await StartAsync(id, cancellationToken);
            return id;
        }
        catch (EtcdDrException)
        {
            await TakeBackAsync(id);
            throw;
        }
    }

    // The answer may be lost on its way: the list tells.
    private Task<ulong> AddAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<string> urls = [.. prepared.Etcd!.InitialAdvertisePeerUrls.Select(JournalNodeBuilder.Text)];
        return MemberChange.UntilTakenAsync(
            async ct =>
            {
                try
                {
                    return await _site.Connection.AddLearnerAsync(urls, ct);
                }
                catch (EtcdDrException e) when (MembershipRefusal.Of(e) == MembershipRefusalKind.Exists)
                {
                    return MemberRules.Of(await _site.ListAsync(ct), prepared.Etcd.Name, urls)[0].Id;
                }
            },
            options.StepTimeout,
            context.Time,
            cancellationToken
        );
    }

    private async Task StartAsync(ulong id, CancellationToken cancellationToken)
    {
        var others = (await _site.ListAsync(cancellationToken)).Where(m => m.Id != id);
        var urls = prepared.Etcd!.InitialAdvertisePeerUrls.Select(JournalNodeBuilder.Text).ToList();
        var cluster = MemberRules.InitialCluster(others, prepared.Etcd.Name, urls);
        var (etcd, text) = AddMemberOperation.Configuration(_node, _site.Way.Manifests!, cluster);
        prepared.Etcd = etcd;
        await _node.WriteFilesAsync(
            [new MemberFile($"{_node.Place.HoldDirectory}/{_etcd.File}", System.Text.Encoding.UTF8.GetBytes(text))],
            cancellationToken
        );
        await _node.ReleaseAsync([_etcd], cancellationToken);
    }

    private async Task CatchUpAsync(ulong id, CancellationToken cancellationToken)
    {
        Show("Catching up with the leader");
        var deadline = context.Time.GetUtcNow() + options.SyncTimeout;
        try
        {
            var why = await TryPromoteAsync(id, cancellationToken);
            while (why is not null)
            {
                if (context.Time.GetUtcNow() >= deadline)
                {
                    throw new EtcdDrException(
                        "MemberNotInSync",
                        EtcdDrErrorCategory.OperationTimeout,
                        Errors.MemberNotInSync.With(Name, options.SyncTimeout.TotalSeconds, why),
                        Errors.MemberNotInSync_Action.With(Name),
                        Name
                    );
                }

                Show($"Catching up: {why}");
                await Task.Delay(Pause, context.Time, cancellationToken);
                why = await TryPromoteAsync(id, cancellationToken);
            }
        }
        catch (EtcdDrException)
        {
            await TakeBackAsync(id);
            throw;
        }
    }

    // Gives why it is not yet so far; null when it has its vote.
    private async Task<string?> TryPromoteAsync(ulong id, CancellationToken cancellationToken)
    {
        try
        {
            await using var own = await ConnectAsync(cancellationToken);
            var status = await own.StatusAsync(cancellationToken);
            if (status.ClusterId != _site.ClusterId || status.MemberId != id)
            {
                return Errors.MemberNotInSync_Other_Part.With(EtcdStatusOperation.Id(status.ClusterId));
            }

            if (!status.IsLearner)
            {
                return null;
            }

            var leader = await _site.Connection.StatusAsync(cancellationToken);
            if (!MemberRules.IsInSync(status.RaftAppliedIndex, leader.RaftIndex) || status.Revision == 0)
            {
                return Errors.MemberNotInSync_Behind_Part.With(status.RaftAppliedIndex, leader.RaftIndex);
            }

            await _site.Connection.PromoteAsync(id, cancellationToken);
            return null;
        }
        catch (EtcdDrException e) when (MembershipRefusal.Of(e) == MembershipRefusalKind.NotLearner)
        {
            return null;
        }
        catch (EtcdDrException e) when (IsEarly(e))
        {
            return e.Message.TrimEnd('.');
        }
    }

    private Task<EtcdConnection> ConnectAsync(CancellationToken cancellationToken) =>
        EtcdConnection.ConnectAsync(_site.Session, _node.Node, prepared.Etcd!, cancellationToken, _node.Manifests.ApiServer);

    // A member that is just starting refuses connections; what it presents, and a refusal that passes, are looked at again.
    private static bool IsEarly(EtcdDrException e) => MembershipRefusal.Passes(e) || e.ErrorId is "EtcdCallFailed" or "ConnectionLost";

    private async Task ServeAsync(CancellationToken cancellationToken)
    {
        var health = new ControlPlaneHealth(_site.Session);
        Show("Waiting until it serves");
        await health.WaitForEtcdAsync([ControlPlane], options.StepTimeout, cancellationToken);
        await AgreeAsync(cancellationToken);
        if (_node.Parts.All(p => p.Name != ControlPlanePart.ApiServer))
        {
            context.Sink.Information(WithoutApiServer(Name, _site.Session.Cluster.Server));
            return;
        }

        Show("Starting the rest of the control plane");
        await _node.ReleaseAsync([.. _node.Parts.Where(p => p.Name == ControlPlanePart.ApiServer)], cancellationToken);
        await health.WaitForApiServersAsync([ControlPlane], options.StepTimeout, () => Task.CompletedTask, cancellationToken);
        await _node.ReleaseAsync(
            [.. _node.Parts.Where(p => p.Name is not (ControlPlanePart.ApiServer or ControlPlanePart.Etcd))],
            cancellationToken
        );
    }

    private async Task AgreeAsync(CancellationToken cancellationToken)
    {
        await using var own = await ConnectAsync(cancellationToken);
        var others = _site.Members.Where(m => m.Node.Name != Name && m.Status is { IsLearner: false }).Select(m => m.Connection!);
        var agreed = await HashAgreement.CheckAsync([.. others, own], context, cancellationToken);
        context.Sink.Verbose($"HashKV {agreed.Hash} at revision {agreed.Revision} on all members, the new one included.");
    }

    // A learner has no vote and harms nobody, but keeps others from joining; and a node whose member is not in the list must not try again
    // and again.
    private async Task TakeBackAsync(ulong id)
    {
        using var limit = new CancellationTokenSource(TakingBackLimit);
        try
        {
            if ((await _site.ListAsync(limit.Token)).Any(m => m.Id == id && m.IsLearner))
            {
                await _site.Connection.RemoveMemberAsync(id, limit.Token);
                await _node.HoldAsync([_etcd], options with { StepTimeout = TimeSpan.FromSeconds(60) }, limit.Token);
            }
        }
        catch (Exception e) when (e is EtcdDrException or OperationCanceledException)
        {
            context.Sink.Warning(
                $"The member of node '{Name}' could not be taken out of the list again ({e.Message}). It has no vote and harms nobody; "
                    + $"run the same command again, or 'Remove-EtcdMember -Node {Name}'."
            );
        }
    }

    private void TellWhatIsKept(IReadOnlyList<string> data)
    {
        if (data.Count > 0)
        {
            context.Sink.Information($"The data that node '{Name}' had is kept there in {string.Join(", ", data)}.");
        }

        if (prepared.Files!.Files.Count > 0)
        {
            context.Sink.Information($"Files of node '{Name}' that were replaced are kept there in {_node.KeptFiles}, for root only.");
        }
    }

    private void Show(string step, bool completed = false) => MemberChange.Show(context, Activity, Name, step, completed);

    private static string Parent(string path) => path[..Math.Max(1, path.LastIndexOf('/'))];
}
