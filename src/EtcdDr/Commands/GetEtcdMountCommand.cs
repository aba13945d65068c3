using System.Management.Automation;
using EtcdDr.Completion;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Snapshots.Mounting;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Commands;

/// <summary>Lists snapshots that are mounted: by this session, or on the nodes of a cluster whoever mounted them.</summary>
[Cmdlet(VerbsCommon.Get, "EtcdMount")]
[OutputType(typeof(EtcdSnapshotMount))]
public sealed class GetEtcdMountCommand : EtcdDrCmdlet
{
    /// <summary>The cluster whose nodes are asked; this session's own mounts where nothing is said.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [ValidateNotNull]
    [ClusterByName]
    [ArgumentCompleter(typeof(ClusterNameCompleter))]
    public EtcdCluster? Cluster { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessAsync(OperationContext context, CancellationToken cancellationToken)
    {
        var mounts = Cluster is null
            ? MountOperation.OfSession
            : await new MountOperation(context, new SshHostFactory()).ListAsync(Cluster, cancellationToken);
        WriteObject(mounts, enumerateCollection: true);
    }
}
