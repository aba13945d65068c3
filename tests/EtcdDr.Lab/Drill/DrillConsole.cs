using EtcdDr.Lab.PowerShell;
using EtcdDr.Lab.Tools;
using EtcdDr.PowerShell;

namespace EtcdDr.Lab.Drill;

/// <summary>The console of the drill's operator: statements typed one after the other in a session with the module and the lab's profile.</summary>
internal sealed class DrillConsole : IAsyncDisposable
{
    private readonly PowerShellSession _session;

    private DrillConsole(PowerShellSession session) => _session = session;

    /// <summary>Opens the session; snapshots and logs with relative paths go to <paramref name="directory"/>.</summary>
    public static async Task<DrillConsole> OpenAsync(Lab lab, string directory)
    {
        Environment.SetEnvironmentVariable("ETCDDR_PROFILE", lab.ProfilePath);
        var module = StagedModule.Find();
        // The hosted engine has no Set-Location; a session starts where its process is.
        Directory.SetCurrentDirectory(directory);
        return new DrillConsole(await PowerShellSession.OpenAsync(new ScriptOptions { Modules = [module] }));
    }

    /// <summary>Types a statement and shows what a user sees.</summary>
    /// <exception cref="LabException">It wrote an error.</exception>
    public async Task<ScriptResult> TypeAsync(string statement, CancellationToken cancellationToken)
    {
        var result = await _session.TypeAsync(statement, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        if (result.Terminating is { } terminating)
        {
            throw new LabException($"'{statement}' failed: {terminating.Exception.Message}");
        }

        return result.Errors.Count == 0 ? result : throw new LabException($"'{statement}' wrote an error: {result.Errors[0].Exception.Message}");
    }

    public ValueTask DisposeAsync() => _session.DisposeAsync();
}
