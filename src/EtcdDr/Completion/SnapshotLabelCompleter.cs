using System.Collections;

namespace EtcdDr.Completion;

/// <summary>Completes labels of the snapshots under the path that is typed already.</summary>
public sealed class SnapshotLabelCompleter : NameCompleter
{
    /// <inheritdoc/>
    protected override IReadOnlyList<string> Names(string typed, IDictionary boundParameters) =>
        [
            .. LocalSnapshots
                .Under(boundParameters)
                .Select(s => s.Label)
                .OfType<string>()
                .Where(l => l.Length > 0)
                .Distinct(StringComparer.Ordinal),
        ];
}
