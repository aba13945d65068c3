using System.Collections;
using System.Management.Automation;
using EtcdDr.Engine.Objects.Mapping;

namespace EtcdDr.Commands;

/// <summary>Base of cmdlets for which names can be others in the cluster that objects go into, or are compared with.</summary>
public abstract class MappedObjectCmdlet : ObjectCmdlet
{
    /// <summary>Namespaces that are called otherwise there: former names and new ones.</summary>
    [Parameter]
    public Hashtable MapNamespace { get; set; } = [];

    /// <summary>Storage classes that are called otherwise there.</summary>
    [Parameter]
    public Hashtable MapStorageClass { get; set; } = [];

    /// <summary>Beginnings of image names (a registry, or a registry with a path) that are others there.</summary>
    [Parameter]
    public Hashtable MapImage { get; set; } = [];

    /// <summary>Ingress classes that are called otherwise there.</summary>
    [Parameter]
    public Hashtable MapIngressClass { get; set; } = [];

    /// <summary>All of them.</summary>
    private protected ObjectMapping Mapping =>
        new()
        {
            Namespaces = Names(MapNamespace),
            StorageClasses = Names(MapStorageClass),
            Images = Names(MapImage),
            IngressClasses = Names(MapIngressClass),
        };

    private static Dictionary<string, string> Names(Hashtable table) =>
        table.Cast<DictionaryEntry>().ToDictionary(e => $"{e.Key}", e => $"{e.Value}", StringComparer.Ordinal);
}
