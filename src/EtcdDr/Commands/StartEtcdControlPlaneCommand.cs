using System.Management.Automation;
using EtcdDr.Engine.ControlPlane;

namespace EtcdDr.Commands;

/// <summary>Starts a control plane that <c>Stop-EtcdControlPlane</c> stopped, and waits until it serves.</summary>
[Cmdlet(VerbsLifecycle.Start, "EtcdControlPlane", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[Alias("Start-ControlPlane")]
[OutputType(typeof(ControlPlaneState))]
public sealed class StartEtcdControlPlaneCommand : ControlPlaneCommand
{
    /// <inheritdoc/>
    protected override string Action =>
        "Start etcd, kube-apiserver, kube-controller-manager and kube-scheduler on every control-plane node";

    /// <inheritdoc/>
    protected override Task<IReadOnlyList<ControlPlaneState>> RunAsync(
        ControlPlaneOperation operation,
        TimeSpan limit,
        CancellationToken cancellationToken
    ) => operation.StartAsync(Cluster, limit, cancellationToken);
}
