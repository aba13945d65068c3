using System.Collections;
using EtcdDr.Engine.Mirror;

namespace EtcdDr.Completion;

/// <summary>Completes names of checks of <c>Test-ClusterMirror</c>.</summary>
public sealed class MirrorCheckNameCompleter : NameCompleter
{
    /// <inheritdoc/>
    protected override IReadOnlyList<string> Names(string typed, IDictionary boundParameters) => MirrorChecks.Names;
}
