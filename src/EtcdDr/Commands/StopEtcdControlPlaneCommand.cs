using System.Management.Automation;
using EtcdDr.Engine.ControlPlane;

namespace EtcdDr.Commands;

/// <summary>Stops the control plane of a cluster in an orderly way, on all its nodes at once.</summary>
[Cmdlet(VerbsLifecycle.Stop, "EtcdControlPlane", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[Alias("Stop-ControlPlane")]
[OutputType(typeof(ControlPlaneState))]
public sealed class StopEtcdControlPlaneCommand : ControlPlaneCommand
{
    /// <summary>Kill containers that will not stop, those containers alone.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override string Action => "Stop kube-apiserver, kube-controller-manager, kube-scheduler and etcd on every control-plane node";

    /// <inheritdoc/>
    protected override Task<IReadOnlyList<ControlPlaneState>> RunAsync(
        ControlPlaneOperation operation,
        TimeSpan limit,
        CancellationToken cancellationToken
    ) => operation.StopAsync(Cluster, limit, Force, cancellationToken);
}
