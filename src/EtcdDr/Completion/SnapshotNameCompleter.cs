using System.Collections;

namespace EtcdDr.Completion;

/// <summary>Completes names of the snapshots under the path that is typed already.</summary>
public sealed class SnapshotNameCompleter : NameCompleter
{
    /// <inheritdoc/>
    protected override IReadOnlyList<string> Names(string typed, IDictionary boundParameters) =>
        [.. LocalSnapshots.Under(boundParameters).Select(s => s.Name)];
}
