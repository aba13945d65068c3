using System.Collections;

namespace EtcdDr.Completion;

/// <summary>Completes names of places that have rules of what is kept, from the profile.</summary>
public sealed class PlaceNameCompleter : NameCompleter
{
    /// <inheritdoc/>
    protected override IReadOnlyList<string> Names(string typed, IDictionary boundParameters) =>
        [.. CompletionLocation.Profile(boundParameters).PlacesToKeep(null).Select(p => p.Name)];
}
