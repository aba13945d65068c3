using System.Collections;
using EtcdDr.Engine.Clusters.Profiles;

namespace EtcdDr.Completion;

/// <summary>Completes names of places that have rules of what is kept, from the profile.</summary>
public sealed class PlaceNameCompleter : NameCompleter
{
    /// <inheritdoc/>
    protected override IReadOnlyList<string> Names(string typed, IDictionary boundParameters)
    {
        ArgumentNullException.ThrowIfNull(boundParameters);
        var named = boundParameters["ProfilePath"]?.ToString();
        var path = ProfileLocator.Find(string.IsNullOrEmpty(named) ? null : CompletionLocation.Resolve(named), CompletionLocation.Resolve("."));
        return [.. EtcdProfile.Load(path).PlacesToKeep(null).Select(p => p.Name)];
    }
}
