using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace EtcdDr.Completion;

/// <summary>Paths as a completer sees them: a completer has no session state of its own.</summary>
internal static class CompletionLocation
{
    private const string Script =
        "param([string] $Path) $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Path)";

    /// <summary>The absolute path that a PowerShell path stands for in the session that asks for completions.</summary>
    public static string Resolve(string path)
    {
        if (Runspace.DefaultRunspace is null)
            return Path.GetFullPath(path);

        using var shell = PowerShell.Create(RunspaceMode.CurrentRunspace).AddScript(Script).AddArgument(path);
        var resolved = shell.Invoke<string>();
        return resolved.Count == 1 ? resolved[0] : Path.GetFullPath(path);
    }
}
