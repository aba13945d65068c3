using System.Management.Automation;
using System.Security;
using EtcdDr.Completion;
using EtcdDr.Engine.Clusters;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Restore;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Commands;

/// <summary>Restores a snapshot into a cluster: stage, cutover, converge, report; with a way back at every step.</summary>
[Cmdlet(
    VerbsData.Restore,
    "EtcdSnapshot",
    SupportsShouldProcess = true,
    ConfirmImpact = ConfirmImpact.High,
    DefaultParameterSetName = SnapshotSet
)]
[OutputType(typeof(EtcdRestore))]
[OutputType(typeof(RestorePlan))]
public sealed class RestoreEtcdSnapshotCommand : EtcdDrNodeCmdlet
{
    private const string SnapshotSet = "Snapshot";
    private const string PathSet = "Path";
    private const string LiteralPathSet = "LiteralPath";
    private const string MemberSet = "Member";

    /// <summary>The snapshot, as <c>Get-EtcdSnapshot</c> or <c>Copy-EtcdSnapshot</c> gives it.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = SnapshotSet)]
    [ValidateNotNull]
    [SnapshotArgument]
    public EtcdSnapshot Snapshot { get; set; } = null!;

    /// <summary>Where the snapshot is, with wildcards: a path, <c>[user@]host:/dir</c> or an <c>sftp://</c> address.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = PathSet)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(SnapshotPathCompleter))]
    public string Path { get; set; } = null!;

    /// <summary>The same as it stands: no character is a wildcard.</summary>
    [Parameter(Mandatory = true, ParameterSetName = LiteralPathSet)]
    [Alias("PSPath")]
    [ValidateNotNullOrEmpty]
    public string LiteralPath { get; set; } = null!;

    /// <summary>The node of the same cluster whose member's database is restored onto all, in place of a snapshot; <c>*</c> for the newest
    /// that is whole.</summary>
    [Parameter(Mandatory = true, ParameterSetName = MemberSet)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string FromMember { get; set; } = null!;

    /// <summary>Directory on this machine that keeps the copy of the member's database, and the restore's logs; the current one where
    /// nothing is said.</summary>
    [Parameter(ParameterSetName = MemberSet)]
    [ValidateNotNullOrEmpty]
    public string LogPath { get; set; } = ".";

    /// <summary>The cluster to restore into.</summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = SnapshotSet)]
    [Parameter(Mandatory = true, Position = 1, ValueFromPipeline = true, ParameterSetName = PathSet)]
    [Parameter(Mandatory = true, Position = 1, ValueFromPipeline = true, ParameterSetName = LiteralPathSet)]
    [Parameter(Mandatory = true, Position = 1, ValueFromPipeline = true, ParameterSetName = MemberSet)]
    [ValidateNotNull]
    [ClusterByName]
    [ArgumentCompleter(typeof(ClusterNameCompleter))]
    public EtcdCluster Cluster { get; set; } = null!;

    /// <summary>The control-plane nodes that are there, where others are gone for good: the restored etcd consists of these.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ControlPlaneNodeCompleter))]
    public string[] Survivor { get; set; } = [];

    /// <summary>The control-plane nodes that are gone for good, in place of -Survivor or beside it: the restored etcd does without
    /// them.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ControlPlaneNodeCompleter))]
    public string[] Lost { get; set; } = [];

    /// <summary>Leave verified data ready on the nodes for a later restore and go no further; the API stays up.</summary>
    [Parameter]
    public SwitchParameter StageOnly { get; set; }

    /// <summary>Bring the restored state up with controllers, schedulers, the kubelets of workers and CronJobs held until
    /// <c>Complete-EtcdRestore</c>.</summary>
    [Parameter]
    public SwitchParameter Quiesce { get; set; }

    /// <summary>Stop where a cutover fails instead of putting the previous state back.</summary>
    [Parameter]
    public SwitchParameter NoRollback { get; set; }

    /// <summary>Preflight checks whose findings do not refuse the restore; wildcards are allowed.</summary>
    [Parameter]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(MirrorCheckNameCompleter))]
    public string[] SkipCheck { get; set; } = [];

    /// <summary>End whoever holds the cluster's lock; only if you know that it is dead.</summary>
    [Parameter]
    public SwitchParameter BreakLock { get; set; }

    /// <summary>Kill containers of the control plane that will not stop, those containers alone.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Limit for each wait of the cutover, seconds.</summary>
    [Parameter]
    [ValidateRange(10, 3600)]
    public int StepTimeoutSeconds { get; set; } = 180;

    /// <summary>Limit for nodes, workloads and pods to be ready after the API is back, seconds.</summary>
    [Parameter]
    [ValidateRange(0, 86400)]
    public int? ConvergeTimeoutSeconds { get; set; }

    /// <summary>The private key that opens a sealed snapshot: a PFX or PEM file, or a thumbprint in CurrentUser\My; where it is left out
    /// that store is searched.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? DecryptWith { get; set; }

    /// <summary>Passphrase of the file that <see cref="DecryptWith"/> names.</summary>
    [Parameter]
    public SecureString? DecryptPassphrase { get; set; }

    /// <summary>With <c>-WhatIf</c>: emit the plan as an object too.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <summary>A cutover that is stopped is put back first, which takes as long as its waits.</summary>
    protected override TimeSpan CleanUpLimit =>
        RestoreOperation.CleanUpLimit(TimeSpan.FromSeconds(StepTimeoutSeconds)) + TimeSpan.FromMinutes(2);

    /// <inheritdoc/>
    protected override async Task ProcessAsync(OperationContext context, CancellationToken cancellationToken)
    {
        var options = new RestoreOptions
        {
            StageOnly = StageOnly,
            Quiesce = Quiesce && !StageOnly,
            NoRollback = NoRollback,
            Survivors = Survivor,
            Lost = Lost,
            SkipChecks = SkipCheck,
            BreakLock = BreakLock,
            Force = Force,
            StepTimeout = TimeSpan.FromSeconds(StepTimeoutSeconds),
            ConvergeTimeout = ConvergeTimeoutSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
        };
        if (ParameterSetName == MemberSet)
        {
            await FromMemberAsync(options, context, cancellationToken);
            return;
        }

        var snapshot = ParameterSetName switch
        {
            PathSet => await Places.OneAsync(Path, literal: false, context, cancellationToken),
            LiteralPathSet => await Places.OneAsync(LiteralPath, literal: true, context, cancellationToken),
            _ => Snapshot,
        };
        options = options with { Source = Source(context, snapshot) };
        var operation = new RestoreOperation(context, new SshHostFactory());
        await using var prepared = await operation.PrepareAsync(
            WithDecryption(snapshot, DecryptWith, DecryptPassphrase),
            Cluster,
            options,
            cancellationToken
        );
        var text = RestorePlanText.Format(prepared.Plan);
        foreach (var note in prepared.Plan.Findings.Where(f => !f.Blocks))
        {
            context.Sink.Warning($"[{note.Check}] {note.Message} {note.Remedy}");
        }

        if (!await ShouldProcessAsync(text, Question(prepared.Plan), "Restore-EtcdSnapshot"))
        {
            if (PassThru)
            {
                WriteObject(prepared.Plan);
            }

            return;
        }

        WriteObject(RestoreView.Report(await operation.ExecuteAsync(prepared, options, cancellationToken)));
    }

    // Where the profile knows the cluster that the snapshot came from, it is asked whether it still runs. That it cannot be is no reason
    // not to restore.
    private EtcdCluster? Source(OperationContext context, EtcdSnapshot snapshot)
    {
        if (snapshot.Cluster is not { Length: > 0 } name || name == Cluster.Name)
        {
            return null;
        }

        try
        {
            var profile = LoadProfile();
            return profile.Clusters.Contains(name, StringComparer.Ordinal) ? EtcdClusterResolver.FromProfile(profile, name) : null;
        }
        catch (EtcdDrException e)
        {
            context.Sink.Verbose($"Whether cluster '{name}', which the snapshot came from, still runs is not asked: {e.Message}");
            return null;
        }
    }

    private string Question(RestorePlan plan) =>
        StageOnly
            ? $"Stage {plan.Snapshot}, {RestorePlanText.Snapshot(plan)}, on cluster '{plan.Cluster}'?"
            : $"Replace the state of {RestorePlanText.Target(plan)}, by that of {plan.Snapshot}, {RestorePlanText.Snapshot(plan)}? The API "
                + $"will be away for about {plan.EstimatedApiDowntime.TotalSeconds:F0} seconds."
                + (plan.Quiesce ? " Controllers, schedulers, kubelets of workers and CronJobs are held until Complete-EtcdRestore." : "");

    // What is copied is known only when it was, and that stops a member: so the question comes first, and the plan's details after it.
    private async Task FromMemberAsync(RestoreOptions options, OperationContext context, CancellationToken cancellationToken)
    {
        var hosts = new SshHostFactory();
        var source = new MemberSource(context, hosts);
        var skips = SkipCheck.Any(pattern => WildcardPattern.Get(pattern, WildcardOptions.IgnoreCase).IsMatch("ClusterHasQuorum"));
        await source.FindAsync(Cluster, FromMember, skips, cancellationToken);
        var directory = ResolvePath(LogPath);
        var plan =
            $"Restore the database of a member onto all control-plane nodes of cluster '{Cluster.Name}'. "
            + $"{string.Join(" ", source.Description)} "
            + $"The copy is proven page by page and kept in {directory}; then it is restored as any snapshot is: staged, cut over, with a "
            + "journal, a rollback and Undo.";
        var question =
            $"Replace the state of all members of cluster '{Cluster.Name}' by that of {source.Chosen}? What others have beyond it is kept "
            + "aside, not deleted.";
        if (!await ShouldProcessAsync(plan, question, "Restore-EtcdSnapshot -FromMember"))
        {
            return;
        }

        var snapshot = await source.TakeAsync(Cluster, directory, options, cancellationToken);
        var operation = new RestoreOperation(context, hosts);
        await using var prepared = await operation.PrepareAsync(snapshot, Cluster, options, cancellationToken);
        context.Sink.Verbose(RestorePlanText.Format(prepared.Plan));
        foreach (var note in prepared.Plan.Findings.Where(f => !f.Blocks))
        {
            context.Sink.Warning($"[{note.Check}] {note.Message} {note.Remedy}");
        }

        WriteObject(RestoreView.Report(await operation.ExecuteAsync(prepared, options, cancellationToken)));
    }
}
