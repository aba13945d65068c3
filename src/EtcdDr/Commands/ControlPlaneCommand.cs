using System.Management.Automation;
using EtcdDr.Engine.ControlPlane;
using EtcdDr.Engine.Operations;

namespace EtcdDr.Commands;

/// <summary>What stopping and starting a control plane have in common.</summary>
public abstract class ControlPlaneCommand : ClusterCmdlet
{
    /// <summary>Limit for each wait, seconds.</summary>
    [Parameter]
    [ValidateRange(5, 3600)]
    public int TimeoutSeconds { get; set; } = 180;

    /// <summary>What is asked before it is done.</summary>
    protected abstract string Action { get; }

    /// <summary>Does it.</summary>
    protected abstract Task<IReadOnlyList<ControlPlaneState>> RunAsync(
        ControlPlaneOperation operation,
        TimeSpan limit,
        CancellationToken cancellationToken
    );

    /// <inheritdoc/>
    protected override async Task ProcessAsync(OperationContext context, CancellationToken cancellationToken)
    {
        if (!await ShouldProcessAsync(Cluster.Name, Action))
        {
            return;
        }

        var operation = new ControlPlaneOperation(context, new Engine.Ssh.SshHostFactory());
        WriteObject(await RunAsync(operation, TimeSpan.FromSeconds(TimeoutSeconds), cancellationToken), enumerateCollection: true);
    }
}
