using System.Management.Automation;
using EtcdDr.Completion;
using EtcdDr.Engine.Objects.Restore;
using EtcdDr.Engine.Operations;

namespace EtcdDr.Commands;

/// <summary>Puts back what Restore-ClusterObject has changed: deletes what it made, and restores what it replaced.</summary>
[Cmdlet(VerbsCommon.Undo, "ClusterObject", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(ClusterObjectResult))]
public sealed class UndoClusterObjectCommand : ObjectCmdlet
{
    /// <summary>The cluster.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ValidateNotNull]
    [ClusterByName]
    [ArgumentCompleter(typeof(ClusterNameCompleter))]
    public EtcdCluster Cluster { get; set; } = null!;

    /// <summary>The record of the run, or a directory of records: the newest of the cluster counts.</summary>
    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    public string? RecordPath { get; set; }

    /// <summary>Put back what somebody has changed since, and delete claims and what is in namespaces, too.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>How many objects are worked on at once; 16 where nothing is said.</summary>
    [Parameter]
    [ValidateRange(1, 256)]
    public int ThrottleLimit { get; set; } = 16;

    /// <inheritdoc/>
    protected override int Parallelism => ThrottleLimit;

    /// <inheritdoc/>
    protected override async Task ProcessAsync(OperationContext context, CancellationToken cancellationToken)
    {
        var place = RecordPath is null ? RecordsOfUser : Resolve(RecordPath);
        var record = System.IO.File.Exists(place) ? place : await UndoObjectsOperation.NewestAsync(place, Cluster.Name, cancellationToken);
        var operation = new UndoObjectsOperation(context);
        if (IsWhatIf)
        {
            await operation.RunAsync(Cluster, record, Force, dryRun: true, WriteObject, cancellationToken);
            return;
        }

        if (await ShouldProcessAsync($"cluster '{Cluster.Name}'", $"Undo the run of record {System.IO.Path.GetFileName(record)}"))
        {
            await operation.RunAsync(Cluster, record, Force, dryRun: false, WriteObject, cancellationToken);
        }
    }
}
