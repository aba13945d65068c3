using System.Management.Automation;
using EtcdDr.Completion;

namespace EtcdDr.Commands;

/// <summary>Base of cmdlets that work on one cluster, which comes by position or by the pipeline.</summary>
public abstract class ClusterCmdlet : EtcdDrNodeCmdlet
{
    /// <summary>The cluster.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ValidateNotNull]
    [ClusterByName]
    [ArgumentCompleter(typeof(ClusterNameCompleter))]
    public EtcdCluster Cluster { get; set; } = null!;
}
