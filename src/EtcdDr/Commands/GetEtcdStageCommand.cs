using System.Management.Automation;
using EtcdDr.Completion;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Restore;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Commands;

/// <summary>Shows snapshots that lie ready on a cluster's nodes for a cutover.</summary>
[Cmdlet(VerbsCommon.Get, "EtcdStage")]
[OutputType(typeof(EtcdRestore))]
public sealed class GetEtcdStageCommand : ClusterCmdlet
{
    /// <inheritdoc/>
    protected override async Task ProcessAsync(OperationContext context, CancellationToken cancellationToken) =>
        WriteObject(
            (await new StageOperation(context, new SshHostFactory()).ListAsync(Cluster, cancellationToken))
                .Select(RestoreIdCompleter.Remember)
                .ToArray(),
            enumerateCollection: true
        );
}
