using System.Collections;

namespace EtcdDr.Completion;

/// <summary>Completes names of control-plane nodes: of the cluster that is typed already, or of every cluster of the profile.</summary>
public sealed class ControlPlaneNodeCompleter : NameCompleter
{
    /// <inheritdoc/>
    protected override IReadOnlyList<string> Names(string typed, IDictionary boundParameters)
    {
        ArgumentNullException.ThrowIfNull(boundParameters);
        var profile = CompletionLocation.Profile(boundParameters);
        var cluster = boundParameters["Cluster"]?.ToString();
        var known = profile.Clusters.Where(c => c.Equals(cluster, StringComparison.OrdinalIgnoreCase)).ToList();
        return
        [
            .. (known.Count > 0 ? known : profile.Clusters)
                .SelectMany(c => profile.Cluster(c).Nodes)
                .Where(n => n.Role == NodeRole.ControlPlane)
                .Select(n => n.Name)
                .Distinct(StringComparer.Ordinal),
        ];
    }
}
