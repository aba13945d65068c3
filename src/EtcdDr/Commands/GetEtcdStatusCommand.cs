using System.Management.Automation;
using EtcdDr.Completion;
using EtcdDr.Engine.Clusters;
using EtcdDr.Engine.Etcd;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Commands;

/// <summary>Asks every etcd member of a cluster for its status, all at once.</summary>
[Cmdlet(VerbsCommon.Get, "EtcdStatus")]
[OutputType(typeof(EtcdMemberStatus))]
public sealed class GetEtcdStatusCommand : EtcdDrNodeCmdlet
{
    /// <summary>The cluster.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNull]
    [ClusterByName]
    [ArgumentCompleter(typeof(ClusterNameCompleter))]
    public EtcdCluster Cluster { get; set; } = null!;

    /// <inheritdoc/>
    protected override async Task ProcessAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await using var session = new ClusterSession(Cluster, context, new SshHostFactory());
        var nodes = await ClusterNodes.GetAsync(session, null, cancellationToken);
        var controlPlane = nodes.Where(n => n.Role == NodeRole.ControlPlane).ToList();
        foreach (var status in await EtcdStatusOperation.RunAsync(session, controlPlane, cancellationToken))
        {
            WriteObject(status);
        }
    }
}
