using System.Management.Automation;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Restore;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Commands;

/// <summary>Frees, on purpose, the data and keys that a finished restore keeps on the nodes. It cannot be undone afterwards.</summary>
[Cmdlet(
    VerbsCommon.Remove,
    "EtcdRestoreBackup",
    SupportsShouldProcess = true,
    ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(RestoreBackupRemoval))]
public sealed class RemoveEtcdRestoreBackupCommand : EtcdDrNodeCmdlet
{
    /// <summary>The cluster.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNull]
    [ClusterByName]
    public EtcdCluster Cluster { get; set; } = null!;

    /// <summary>The restore, as <c>Undo-EtcdRestore -List</c> shows it.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string Id { get; set; } = string.Empty;

    /// <inheritdoc/>
    protected override async Task ProcessAsync(OperationContext context, CancellationToken cancellationToken)
    {
        var operation = new UndoOperation(context, new SshHostFactory());
        var size = await operation.RemoveBackupAsync(Cluster, Id, measureOnly: true, cancellationToken);
        var said = string.Join(", ", size.OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => $"{s.Key} {HumanText.Size(s.Value)}"));
        if (!await ShouldProcessAsync($"Remove what restore {Id} keeps on cluster '{Cluster.Name}': {said}.", $"Remove what restore {Id} keeps ({said})? It cannot be undone afterwards.", "Remove-EtcdRestoreBackup"))
        {
            return;
        }

        foreach (var (node, bytes) in await operation.RemoveBackupAsync(Cluster, Id, measureOnly: false, cancellationToken))
        {
            WriteObject(new RestoreBackupRemoval(Cluster.Name, Id, node, bytes));
        }
    }
}
