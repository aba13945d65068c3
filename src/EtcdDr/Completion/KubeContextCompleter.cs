using System.Collections;
using EtcdDr.Engine.Kube;

namespace EtcdDr.Completion;

/// <summary>Completes contexts of the kubeconfig that is typed already.</summary>
public sealed class KubeContextCompleter : NameCompleter
{
    /// <inheritdoc/>
    protected override IReadOnlyList<string> Names(string typed, IDictionary boundParameters) =>
        boundParameters["Kubeconfig"]?.ToString() is { Length: > 0 } path ? Kubeconfig.Load(CompletionLocation.Resolve(path)).Contexts : [];
}
