using System.Management.Automation;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Restore;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Commands;

/// <summary>Frees, on purpose, the data and keys that a finished restore keeps on the nodes. It cannot be undone afterwards.</summary>
[Cmdlet(VerbsCommon.Remove, "EtcdRestoreBackup", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(RestoreBackupRemoval))]
public sealed class RemoveEtcdRestoreBackupCommand : RestoreRemovalCommand
{
    /// <inheritdoc/>
    protected override async Task ProcessAsync(OperationContext context, CancellationToken cancellationToken)
    {
        var operation = new KeptData(context, new SshHostFactory());
        var size = await operation.RemoveAsync(Cluster, Id, measureOnly: true, cancellationToken);
        var said = Sizes(size);
        if (
            !await ShouldProcessAsync(
                $"Remove what restore {Id} keeps on cluster '{Cluster.Name}': {said}.",
                $"Remove what restore {Id} keeps ({said})? It cannot be undone afterwards.",
                "Remove-EtcdRestoreBackup"
            )
        )
        {
            return;
        }

        foreach (var (node, bytes) in await operation.RemoveAsync(Cluster, Id, measureOnly: false, cancellationToken))
        {
            WriteObject(new RestoreBackupRemoval(Cluster.Name, Id, node, bytes));
        }
    }
}
