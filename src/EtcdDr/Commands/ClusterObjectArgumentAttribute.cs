using System.Collections;
using System.Management.Automation;

namespace EtcdDr.Commands;

/// <summary>Lets a parameter that takes objects take those that came back from a job or a file, and hash tables and custom objects that are
/// manifests, as ConvertFrom-Json gives them.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
public sealed class ClusterObjectArgumentAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData) =>
        (inputData is PSObject wrapped ? wrapped.BaseObject : inputData) is object[] several
            ? Array.ConvertAll(several, One)
            : One(inputData);

    private static object? One(object? item)
    {
        var plain = item is PSObject wrapped ? wrapped.BaseObject : item;
        if (plain is ClusterObject)
        {
            return plain;
        }

        if (PublicObject.IsDeserialized<ClusterObject>(item))
        {
            return PublicObject.Restore<ClusterObject>((PSObject)item!) ?? item;
        }

        return plain switch
        {
            IDictionary map when map["apiVersion"] is not null && map["kind"] is not null => new ClusterObject { Body = map },
            PSCustomObject when Body((PSObject)item!) is { } body => new ClusterObject { Body = body },
            _ => item,
        };
    }

    private static IDictionary? Body(PSObject item)
    {
        try
        {
            return item.Properties["apiVersion"] is not null && item.Properties["kind"] is not null
                ? ObjectBody.ToDictionary(ObjectBody.ToJson(item.Properties.ToDictionary(p => p.Name, p => p.Value), "object"))
                : null;
        }
        catch (EtcdDrException)
        {
            // PowerShell's own error says then that this is no such object.
            return null;
        }
    }
}
