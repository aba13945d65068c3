using System.Management.Automation;

namespace EtcdDr.Tests.Commands;

/// <summary>What came of a script in a <see cref="CmdletRunspace"/>.</summary>
/// <param name="Output">Objects that it emitted.</param>
/// <param name="Errors">Errors that it wrote, oldest first, and the one that ended it.</param>
/// <param name="Terminating">The error that ended it; null if none did.</param>
/// <param name="Streams">What it wrote else.</param>
internal sealed record CmdletResult(
    IReadOnlyList<PSObject> Output,
    IReadOnlyList<ErrorRecord> Errors,
    ErrorRecord? Terminating,
    PSDataStreams Streams
)
{
    /// <summary>Warnings.</summary>
    public IReadOnlyList<string> Warnings { get; } = [.. Streams.Warning.Select(w => w.Message)];

    /// <summary>Verbose messages, where the script asked for them.</summary>
    public IReadOnlyList<string> Verbose { get; } = [.. Streams.Verbose.Select(v => v.Message)];

    /// <summary>Information messages.</summary>
    public IReadOnlyList<string> Information { get; } = [.. Streams.Information.Select(i => i.ToString())];

    /// <summary>All progress records.</summary>
    public IReadOnlyList<ProgressRecord> Progress { get; } = [.. Streams.Progress];
}
