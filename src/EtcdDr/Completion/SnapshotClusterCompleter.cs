using System.Collections;

namespace EtcdDr.Completion;

/// <summary>Completes names of the clusters whose snapshots lie under the path that is typed already.</summary>
public sealed class SnapshotClusterCompleter : NameCompleter
{
    /// <inheritdoc/>
    protected override IReadOnlyList<string> Names(string typed, IDictionary boundParameters) =>
        [
            .. LocalSnapshots
                .Under(boundParameters)
                .Select(s => s.Cluster)
                .OfType<string>()
                .Where(c => c.Length > 0)
                .Distinct(StringComparer.Ordinal),
        ];
}
