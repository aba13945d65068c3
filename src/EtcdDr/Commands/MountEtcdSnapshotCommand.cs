using System.Management.Automation;
using EtcdDr.Completion;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Snapshots.Mounting;

namespace EtcdDr.Commands;

/// <summary>Serves a snapshot as a kube API, for reading.</summary>
[Cmdlet(VerbsData.Mount, "EtcdSnapshot", DefaultParameterSetName = BySnapshot, SupportsShouldProcess = true)]
[OutputType(typeof(EtcdSnapshotMount))]
public sealed class MountEtcdSnapshotCommand : SnapshotInputCmdlet
{
    /// <summary>The cluster on whose node it is served; what runs there is not touched.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNull]
    [ClusterByName]
    [ArgumentCompleter(typeof(ClusterNameCompleter))]
    public EtcdCluster Cluster { get; set; } = null!;

    /// <summary>Which node of <see cref="Cluster"/>; its first control-plane node that answers where nothing is said.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ControlPlaneNodeCompleter))]
    public string? Node { get; set; }

    /// <summary>Directory on the node that holds etcd, etcdutl (or etcdctl) and kube-apiserver.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ToolPath { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessSnapshotAsync(EtcdSnapshot snapshot, OperationContext context, CancellationToken cancellationToken)
    {
        var place = Node is null ? $"a node of cluster '{Cluster.Name}'" : $"node '{Node}' of cluster '{Cluster.Name}'";
        if (await ShouldProcessAsync($"'{snapshot}' on {place}", "Serve for reading"))
        {
            var options = new MountOptions { Node = Node, ToolPath = ToolPath };
            WriteObject(await new MountOperation(context, Hosts).MountAsync(snapshot, Cluster, options, cancellationToken));
        }
    }
}
