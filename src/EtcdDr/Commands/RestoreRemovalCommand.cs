using System.Management.Automation;
using EtcdDr.Completion;

namespace EtcdDr.Commands;

/// <summary>Removes what a restore left on a cluster's nodes, named by its id.</summary>
public abstract class RestoreRemovalCommand : EtcdDrNodeCmdlet
{
    /// <summary>The cluster.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNull]
    [ClusterByName]
    [ArgumentCompleter(typeof(ClusterNameCompleter))]
    public EtcdCluster Cluster { get; set; } = null!;

    /// <summary>Id of the restore or stage.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(RestoreIdCompleter))]
    public string Id { get; set; } = string.Empty;

    private protected static string Sizes(IEnumerable<KeyValuePair<string, long>> byNode) =>
        string.Join(", ", byNode.OrderBy(n => n.Key, StringComparer.Ordinal).Select(n => $"{n.Key} {HumanText.Size(n.Value)}"));
}
