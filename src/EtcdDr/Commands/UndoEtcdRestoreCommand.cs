using System.Management.Automation;
using EtcdDr.Completion;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Restore;
using EtcdDr.Engine.Snapshots;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Commands;

/// <summary>Puts back the state before a restore, from any machine with access to the nodes.</summary>
[Cmdlet(
    VerbsCommon.Undo,
    "EtcdRestore",
    SupportsShouldProcess = true,
    ConfirmImpact = ConfirmImpact.High,
    DefaultParameterSetName = "Undo")]
[OutputType(typeof(EtcdRestore))]
public sealed class UndoEtcdRestoreCommand : EtcdDrNodeCmdlet
{
    /// <summary>The cluster.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ValidateNotNull]
    [ClusterByName]
    [ArgumentCompleter(typeof(ClusterNameCompleter))]
    public EtcdCluster Cluster { get; set; } = null!;

    /// <summary>The restore; the newest that can be undone where nothing is said.</summary>
    [Parameter(Position = 1, ParameterSetName = "Undo")]
    public string? Id { get; set; }

    /// <summary>Show what the nodes know of restores instead of undoing one.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "List")]
    public SwitchParameter List { get; set; }

    /// <summary>Directory on this machine for logs and the report; the current one where nothing is said.</summary>
    [Parameter(ParameterSetName = "Undo")]
    [ValidateNotNullOrEmpty]
    public string LogPath { get; set; } = ".";

    /// <summary>End whoever holds the cluster's lock; only if you know that it is dead.</summary>
    [Parameter(ParameterSetName = "Undo")]
    public SwitchParameter BreakLock { get; set; }

    /// <summary>Kill containers of the control plane that will not stop, those containers alone.</summary>
    [Parameter(ParameterSetName = "Undo")]
    public SwitchParameter Force { get; set; }

    /// <summary>Limit for each wait, seconds.</summary>
    [Parameter(ParameterSetName = "Undo")]
    [ValidateRange(10, 3600)]
    public int StepTimeoutSeconds { get; set; } = 180;

    /// <summary>Limit for nodes, workloads and pods to be ready after the API is back, seconds.</summary>
    [Parameter(ParameterSetName = "Undo")]
    [ValidateRange(0, 86400)]
    public int ConvergeTimeoutSeconds { get; set; } = 600;

    /// <inheritdoc/>
    protected override TimeSpan CleanUpLimit => TimeSpan.FromMinutes(15);

    /// <inheritdoc/>
    protected override async Task ProcessAsync(OperationContext context, CancellationToken cancellationToken)
    {
        var operation = new UndoOperation(context, new SshHostFactory());
        if (List)
        {
            WriteObject(await operation.ListAsync(Cluster, cancellationToken), enumerateCollection: true);
            return;
        }

        var restore = await operation.FindAsync(Cluster, Id, cancellationToken);
        var plan = $"Stop the control plane of cluster '{Cluster.Name}', put back the data and keys that restore {restore.Id} ({restore.Snapshot}) replaced ({restore.Message}), and start it again.";
        var question = $"Put cluster '{Cluster.Name}' back to its state before restore {restore.Id} of {restore.Started:yyyy-MM-dd HH:mm}Z? What was written since then is kept aside, not deleted.";
        if (!await ShouldProcessAsync(plan, question, "Undo-EtcdRestore"))
        {
            return;
        }

        var options = new RestoreOptions
        {
            BreakLock = BreakLock,
            Force = Force,
            StepTimeout = TimeSpan.FromSeconds(StepTimeoutSeconds),
            ConvergeTimeout = TimeSpan.FromSeconds(ConvergeTimeoutSeconds),
        };
        await using var logs = await SnapshotStores.OpenAsync(new SnapshotLocation(ResolvePath(LogPath)), null, new SshHostFactory(), context, cancellationToken);
        WriteObject(RestoreView.Report(await operation.RunAsync(Cluster, restore.Id, options, logs, cancellationToken)));
    }
}
