using System.Collections;

namespace EtcdDr.Completion;

/// <summary>Completes names of clusters from the profile.</summary>
public sealed class ClusterNameCompleter : NameCompleter
{
    /// <inheritdoc/>
    protected override IReadOnlyList<string> Names(string typed, IDictionary boundParameters) =>
        CompletionLocation.Profile(boundParameters).Clusters;
}
