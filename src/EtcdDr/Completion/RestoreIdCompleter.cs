using System.Collections;
using System.Collections.Concurrent;

namespace EtcdDr.Completion;

/// <summary>
/// Completes ids of restores and stages that this session has seen: they are known on the nodes, and nothing is connected to while a line
/// is typed. <c>Get-EtcdStage</c> and <c>Get-EtcdRestore</c> show them.
/// </summary>
public sealed class RestoreIdCompleter : NameCompleter
{
    private static readonly ConcurrentDictionary<string, (string Cluster, DateTime Started)> Seen = new(StringComparer.Ordinal);

    /// <summary>Remembers a restore that was emitted.</summary>
    internal static EtcdRestore Remember(EtcdRestore restore)
    {
        Seen[restore.Id] = (restore.Cluster ?? "", restore.Started);
        return restore;
    }

    /// <inheritdoc/>
    protected override IReadOnlyList<string> Names(string typed, IDictionary boundParameters)
    {
        ArgumentNullException.ThrowIfNull(boundParameters);
        var cluster = boundParameters["Cluster"]?.ToString();
        return
        [
            .. Seen.Where(s => string.IsNullOrEmpty(cluster) || s.Value.Cluster.Equals(cluster, StringComparison.OrdinalIgnoreCase))
                .OrderByDescending(s => s.Value.Started)
                .Select(s => s.Key),
        ];
    }
}
