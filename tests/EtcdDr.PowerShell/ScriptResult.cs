using System.Management.Automation;

namespace EtcdDr.PowerShell;

/// <summary>What came of a script.</summary>
/// <param name="ExitCode">What <c>pwsh -File</c> would end with: the script's own, 1 after a terminating error, else 0.</param>
/// <param name="Output">Objects that the script emitted.</param>
/// <param name="Errors">Errors, as <c>$Error</c> holds them, oldest first.</param>
/// <param name="Terminating">The error that ended the script; null if none did.</param>
/// <param name="Warnings">Warnings.</param>
/// <param name="Verbose">Verbose messages, where the script asked for them.</param>
/// <param name="Information">Information messages that were written.</param>
/// <param name="Progress">All progress records.</param>
public sealed record ScriptResult(
    int ExitCode,
    IReadOnlyList<PSObject> Output,
    IReadOnlyList<ErrorRecord> Errors,
    ErrorRecord? Terminating,
    IReadOnlyList<string> Warnings,
    IReadOnlyList<string> Verbose,
    IReadOnlyList<string> Information,
    IReadOnlyList<ProgressRecord> Progress);
