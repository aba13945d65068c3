using System.Management.Automation;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Restore;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Commands;

/// <summary>Drops a stage; live and previous data are not touched.</summary>
[Cmdlet(VerbsCommon.Remove, "EtcdStage", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
public sealed class RemoveEtcdStageCommand : RestoreRemovalCommand
{
    /// <inheritdoc/>
    protected override async Task ProcessAsync(OperationContext context, CancellationToken cancellationToken)
    {
        if (!await ShouldProcessAsync($"{Id} on cluster {Cluster.Name}", "Remove stage"))
        {
            return;
        }

        var freed = await new StageOperation(context, new SshHostFactory()).RemoveAsync(Cluster, Id, cancellationToken);
        context.Sink.Verbose($"Stage {Id} was removed: {Sizes(freed)} freed.");
    }
}
