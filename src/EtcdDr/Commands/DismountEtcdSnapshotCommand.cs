using System.Management.Automation;
using EtcdDr.Completion;
using EtcdDr.Engine.Clusters;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Snapshots.Mounting;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Commands;

/// <summary>Ends mounts of snapshots and removes all that they made, from any machine with access to the nodes.</summary>
[Cmdlet(VerbsData.Dismount, "EtcdSnapshot", SupportsShouldProcess = true)]
public sealed class DismountEtcdSnapshotCommand : EtcdDrCmdlet
{
    /// <summary>The mounts.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ValidateNotNull]
    [MountArgument]
    public EtcdSnapshotMount[] Mount { get; set; } = [];

    /// <summary>The cluster of mounts that another session holds or has left; the profile's of that name where nothing is said.</summary>
    [Parameter]
    [ValidateNotNull]
    [ClusterByName]
    [ArgumentCompleter(typeof(ClusterNameCompleter))]
    public EtcdCluster? Cluster { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessAsync(OperationContext context, CancellationToken cancellationToken)
    {
        foreach (var mount in Mount)
        {
            await TryAsync(async () =>
            {
                if (await ShouldProcessAsync($"{mount}", "Dismount") && !await MountOperation.DismountAsync(mount.Id))
                {
                    var cluster = Cluster ?? EtcdClusterResolver.FromProfile(LoadProfile(), mount.Cluster, null, Secret);
                    await new MountOperation(context, new SshHostFactory()).DismountAsync(mount, cluster, cancellationToken);
                }
            });
        }
    }
}
