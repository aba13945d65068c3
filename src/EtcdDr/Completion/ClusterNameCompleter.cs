using System.Collections;
using EtcdDr.Engine.Clusters.Profiles;

namespace EtcdDr.Completion;

/// <summary>Completes names of clusters from the profile.</summary>
public sealed class ClusterNameCompleter : NameCompleter
{
    /// <inheritdoc/>
    protected override IReadOnlyList<string> Names(string typed, IDictionary boundParameters)
    {
        var named = boundParameters["ProfilePath"]?.ToString();
        var path = ProfileLocator.Find(string.IsNullOrEmpty(named) ? null : CompletionLocation.Resolve(named), CompletionLocation.Resolve("."));
        return EtcdProfile.Load(path).Clusters;
    }
}
