using System.Management.Automation;
using EtcdDr.Completion;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Restore;
using EtcdDr.Engine.Snapshots;
using EtcdDr.Engine.Snapshots.Places;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Commands;

/// <summary>Puts back the state before a restore, from any machine with access to the nodes.</summary>
[Cmdlet(VerbsCommon.Undo, "EtcdRestore", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(EtcdRestore))]
public sealed class UndoEtcdRestoreCommand : ClusterCmdlet
{
    /// <summary>The restore; the newest that can be undone where nothing is said.</summary>
    [Parameter(Position = 1)]
    [ArgumentCompleter(typeof(RestoreIdCompleter))]
    public string? Id { get; set; }

    /// <summary>Close the journal of a restore that can neither be completed nor put back, and leave the nodes as they are.</summary>
    [Parameter]
    public SwitchParameter Abandon { get; set; }

    /// <summary>Directory on this machine for logs and the report; the current one where nothing is said.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string LogPath { get; set; } = ".";

    /// <summary>End whoever holds the cluster's lock; only if you know that it is dead.</summary>
    [Parameter]
    public SwitchParameter BreakLock { get; set; }

    /// <summary>Kill containers of the control plane that will not stop, those containers alone.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Limit for each wait, seconds.</summary>
    [Parameter]
    [ValidateRange(10, 3600)]
    public int StepTimeoutSeconds { get; set; } = 180;

    /// <summary>Limit for nodes, workloads and pods to be ready after the API is back, seconds.</summary>
    [Parameter]
    [ValidateRange(0, 86400)]
    public int? ConvergeTimeoutSeconds { get; set; }

    /// <inheritdoc/>
    protected override TimeSpan CleanUpLimit =>
        RestoreOperation.CleanUpLimit(TimeSpan.FromSeconds(StepTimeoutSeconds)) + TimeSpan.FromMinutes(2);

    /// <inheritdoc/>
    protected override async Task ProcessAsync(OperationContext context, CancellationToken cancellationToken)
    {
        var hosts = new SshHostFactory();
        if (Abandon)
        {
            await AbandonAsync(context, hosts, cancellationToken);
            return;
        }

        var restore = await new RestoreHistory(context, hosts).FindUndoableAsync(Cluster, Id, cancellationToken);
        var plan =
            $"Stop the control plane of cluster '{Cluster.Name}', put back the data and keys that restore {restore.Id} "
            + $"({restore.Snapshot}) replaced ({restore.Message}), and start it again.";
        var question =
            $"Put cluster '{Cluster.Name}' back to its state before restore {restore.Id} of {restore.Started:yyyy-MM-dd HH:mm}Z? What "
            + "was written since then is kept aside, not deleted.";
        if (!await ShouldProcessAsync(plan, question, "Undo-EtcdRestore"))
        {
            return;
        }

        await using var logs = await LogsAsync(context, hosts, cancellationToken);
        WriteObject(
            RestoreView.Report(await new UndoOperation(context, hosts).RunAsync(Cluster, restore.Id, Options, logs, cancellationToken))
        );
    }

    private RestoreOptions Options =>
        new()
        {
            BreakLock = BreakLock,
            Force = Force,
            StepTimeout = TimeSpan.FromSeconds(StepTimeoutSeconds),
            ConvergeTimeout = ConvergeTimeoutSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
        };

    private async Task AbandonAsync(OperationContext context, SshHostFactory hosts, CancellationToken cancellationToken)
    {
        var restore = await new RestoreHistory(context, hosts).FindOpenAsync(Cluster, Id, cancellationToken);
        var plan =
            $"Close the journal of restore {restore.Id} ({restore.Snapshot}) on the nodes of cluster '{Cluster.Name}' "
            + $"({restore.Message}) and leave data, keys and what runs as they are.";
        var question =
            $"Abandon restore {restore.Id} of cluster '{Cluster.Name}'? Nothing is put back or completed; you go on by hand. What it "
            + "keeps stays on the nodes.";
        if (!await ShouldProcessAsync(plan, question, "Undo-EtcdRestore -Abandon"))
        {
            return;
        }

        await using var logs = await LogsAsync(context, hosts, cancellationToken);
        WriteObject(
            RestoreView.Report(
                await new AcceptOperation(context, hosts).AbandonAsync(Cluster, restore.Id, Options, logs, cancellationToken)
            )
        );
    }

    private Task<ISnapshotStore> LogsAsync(OperationContext context, SshHostFactory hosts, CancellationToken cancellationToken) =>
        SnapshotStores.OpenAsync(new SnapshotLocation(ResolvePath(LogPath)), null, hosts, context, cancellationToken);
}
