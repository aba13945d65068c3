using System.Collections;

namespace EtcdDr.Completion;

/// <summary>Completes paths of snapshots, newest first. Where there are none, PowerShell completes files and directories itself.</summary>
public sealed class SnapshotPathCompleter : NameCompleter
{
    private static readonly char[] Separators = ['/', '\\'];

    /// <inheritdoc/>
    protected override IReadOnlyList<string> Names(string typed, IDictionary boundParameters)
    {
        ArgumentNullException.ThrowIfNull(typed);
        var directory = typed[..(typed.LastIndexOfAny(Separators) + 1)];
        return [.. LocalSnapshots.In(directory.Length == 0 ? "." : directory).Select(s => directory + s.Name)];
    }
}
