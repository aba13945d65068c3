using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using EtcdDr.Engine.Clusters.Profiles;

namespace EtcdDr.Completion;

/// <summary>Paths as a completer sees them: a completer has no session state of its own.</summary>
internal static class CompletionLocation
{
    private const string Script = "param([string] $Path) $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Path)";

    /// <summary>The profile that is typed already, or that would be found.</summary>
    public static EtcdProfile Profile(IDictionary boundParameters)
    {
        var named = boundParameters["ProfilePath"]?.ToString();
        return EtcdProfile.Load(ProfileLocator.Find(string.IsNullOrEmpty(named) ? null : Resolve(named), Resolve(".")));
    }

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
