using System.Management.Automation;

namespace EtcdDr.Commands;

/// <summary>Lets a parameter that takes snapshots take those that came back from a job, from another machine or from a file.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
public sealed class SnapshotArgumentAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData) =>
        (inputData is PSObject wrapped ? wrapped.BaseObject : inputData) is object[] several
            ? Array.ConvertAll(several, One)
            : One(inputData);

    private static object? One(object? item) =>
        PublicObject.IsDeserialized<EtcdSnapshot>(item) ? PublicObject.Restore<EtcdSnapshot>((PSObject)item!) ?? item : item;
}
