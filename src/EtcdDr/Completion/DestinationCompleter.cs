using System.Collections;

namespace EtcdDr.Completion;

/// <summary>Completes places for snapshots from the profile: its places, and its hosts with a colon. Where none fits, PowerShell completes
/// directories itself.</summary>
public sealed class DestinationCompleter : NameCompleter
{
    /// <inheritdoc/>
    protected override IReadOnlyList<string> Names(string typed, IDictionary boundParameters)
    {
        var profile = CompletionLocation.Profile(boundParameters);
        return [.. profile.Places.Select(p => p.Path), .. profile.Hosts.Select(h => h + ":/")];
    }
}
