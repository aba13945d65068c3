using System.Management.Automation;

namespace EtcdDr.Commands;

/// <summary>Lets a parameter that takes mounts take those that came back from a job, from another machine or from a file.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
public sealed class MountArgumentAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData) =>
        (inputData is PSObject wrapped ? wrapped.BaseObject : inputData) is object[] several
            ? Array.ConvertAll(several, One)
            : One(inputData);

    private static object? One(object? item) =>
        PublicObject.IsDeserialized<EtcdSnapshotMount>(item) ? PublicObject.Restore<EtcdSnapshotMount>((PSObject)item!) ?? item : item;
}
