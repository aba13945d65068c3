using System.Management.Automation;
using EtcdDr.Engine.Clusters;
using EtcdDr.Engine.Clusters.Profiles;

namespace EtcdDr.Commands;

/// <summary>
/// Lets a parameter that takes a cluster take its name too: <c>-Cluster secondary</c> is the cluster of that name in the profile that <c>Get-EtcdCluster</c> would find. Secrets
/// are those that the profile names by environment variable.
/// </summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
public sealed class ClusterByNameAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        ArgumentNullException.ThrowIfNull(engineIntrinsics);
        if ((inputData is PSObject wrapped ? wrapped.BaseObject : inputData) is not string name)
        {
            return inputData;
        }

        try
        {
            var location = engineIntrinsics.SessionState.Path.CurrentFileSystemLocation.ProviderPath;
            var profile = ProfileLocator.Find(null, location, engineIntrinsics.Host.UI.WriteWarningLine);
            return EtcdClusterResolver.FromProfile(EtcdProfile.Load(profile), name);
        }
        catch (EtcdDrException e)
        {
            throw new ArgumentTransformationMetadataException($"{e.Message} {e.RecommendedAction}", e);
        }
    }
}
