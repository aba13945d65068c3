using System.Management.Automation;
using EtcdDr.Completion;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Restore;
using EtcdDr.Engine.Snapshots;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Commands;

/// <summary>Accepts what a restore has come to: what serves is kept as it is, what a quiet restore holds is released, and the restore
/// counts as completed.</summary>
[Cmdlet(VerbsLifecycle.Complete, "EtcdRestore", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(EtcdRestore))]
public sealed class CompleteEtcdRestoreCommand : ClusterCmdlet
{
    /// <summary>The restore; the newest that has not ended where nothing is said.</summary>
    [Parameter(Position = 1)]
    [ArgumentCompleter(typeof(RestoreIdCompleter))]
    public string? Id { get; set; }

    /// <summary>Directory on this machine for logs and the report; the current one where nothing is said.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string LogPath { get; set; } = ".";

    /// <summary>End whoever holds the cluster's lock; only if you know that it is dead.</summary>
    [Parameter]
    public SwitchParameter BreakLock { get; set; }

    /// <summary>Limit for the wait for apiservers that had to be started, seconds.</summary>
    [Parameter]
    [ValidateRange(10, 3600)]
    public int StepTimeoutSeconds { get; set; } = 180;

    /// <summary>Limit for nodes, workloads and pods to be ready after a quiet restore was released, seconds.</summary>
    [Parameter]
    [ValidateRange(0, 86400)]
    public int ConvergeTimeoutSeconds { get; set; } = 600;

    /// <inheritdoc/>
    protected override TimeSpan CleanUpLimit => TimeSpan.FromSeconds(StepTimeoutSeconds) + TimeSpan.FromMinutes(2);

    /// <inheritdoc/>
    protected override async Task ProcessAsync(OperationContext context, CancellationToken cancellationToken)
    {
        var hosts = new SshHostFactory();
        var restore = await new RestoreHistory(context, hosts).FindOpenAsync(Cluster, Id, cancellationToken);
        var plan =
            $"Start what restore {restore.Id} ({restore.Snapshot}) still holds aside on cluster '{Cluster.Name}' ({restore.Message}) "
            + "and record it as completed; nothing is put back. After a restore with -Quiesce: release controllers, schedulers, "
            + "kubelets and "
            + "CronJobs, bring workloads in line with the new state and wait for them.";
        var question =
            $"Accept what cluster '{Cluster.Name}' serves of restore {restore.Id} of {restore.Started:yyyy-MM-dd HH:mm}Z as it is? The "
            + "previous data stays on the nodes, and Undo-EtcdRestore can still put it back.";
        if (!await ShouldProcessAsync(plan, question, "Complete-EtcdRestore"))
        {
            return;
        }

        var options = new RestoreOptions
        {
            BreakLock = BreakLock,
            StepTimeout = TimeSpan.FromSeconds(StepTimeoutSeconds),
            ConvergeTimeout = TimeSpan.FromSeconds(ConvergeTimeoutSeconds),
        };
        await using var logs = await SnapshotStores.OpenAsync(
            new SnapshotLocation(ResolvePath(LogPath)),
            null,
            hosts,
            context,
            cancellationToken
        );
        WriteObject(
            RestoreView.Report(await new AcceptOperation(context, hosts).AcceptAsync(Cluster, restore.Id, options, logs, cancellationToken))
        );
    }
}
