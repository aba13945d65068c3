using System.Management.Automation;

namespace EtcdDr.Commands;

/// <summary>
/// Lets a parameter that takes a cluster take its name too: <c>-Cluster secondary</c> is the cluster of that name in the profile that
/// <c>Get-EtcdCluster</c> would find. A cluster that came back from a job, from another machine or from a file is one again.
/// </summary>
/// <remarks>
/// The profile is read when the cmdlet works on the object (<see cref="EtcdDrCmdlet"/>), not here: a failure inside a transformation is one
/// of PowerShell's, without our ErrorId and recommended action, and <c>-ErrorAction</c> has no say in it.
/// </remarks>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
public sealed class ClusterByNameAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        if ((inputData is PSObject wrapped ? wrapped.BaseObject : inputData) is string { Length: > 0 } name)
        {
            return EtcdCluster.Named(name);
        }

        return PublicObject.IsDeserialized<EtcdCluster>(inputData) && PublicObject.Restore<EtcdCluster>((PSObject)inputData!) is { } cluster
            ? cluster with
            {
                CameBack = true,
            }
            : inputData;
    }
}
