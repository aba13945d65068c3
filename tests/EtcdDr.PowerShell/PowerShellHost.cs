namespace EtcdDr.PowerShell;

/// <summary>Runs one script in an engine of its own, as <c>pwsh -NoProfile -File</c> would.</summary>
public static class PowerShellHost
{
    /// <summary>Runs a script.</summary>
    /// <param name="script">A path that ends in <c>.ps1</c>, or the script's text.</param>
    /// <param name="options">How to run it.</param>
    /// <param name="cancellationToken">Stops the script as Ctrl-C does.</param>
    public static async Task<ScriptResult> RunScriptAsync(string script, ScriptOptions? options = null, CancellationToken cancellationToken = default)
    {
        await using var session = await PowerShellSession.OpenAsync(options ?? new ScriptOptions());
        return await session.RunAsync(script, cancellationToken);
    }
}
