using EtcdDr.Lab.PowerShell;
using EtcdDr.Lab.Tools;

namespace EtcdDr.Lab.Drill;

/// <summary>The console of the drill's operator: statements typed one after the other in a pwsh with the module and the lab's
/// profile.</summary>
internal sealed class DrillConsole : IAsyncDisposable
{
    private readonly PwshSession _session;

    private DrillConsole(PwshSession session) => _session = session;

    /// <summary>Opens the session; snapshots and logs with relative paths go to <paramref name="directory"/>.</summary>
    public static async Task<DrillConsole> OpenAsync(Lab lab, string directory, CancellationToken cancellationToken)
    {
        var environment = new Dictionary<string, string> { ["ETCDDR_PROFILE"] = lab.ProfilePath };
        var console = new DrillConsole(PwshSession.Start(directory, environment));
        await console.AskAsync($"Import-Module '{StagedModule.Find()}'", cancellationToken);
        return console;
    }

    /// <summary>Types a statement and shows what a user sees.</summary>
    /// <exception cref="LabException">It wrote an error.</exception>
    public async Task TypeAsync(string statement, CancellationToken cancellationToken) =>
        Check(statement, await _session.TypeAsync(statement, cancellationToken));

    /// <summary>Asks for what a statement gives, as text.</summary>
    /// <exception cref="LabException">It wrote an error.</exception>
    public async Task<IReadOnlyList<string>> AskAsync(string statement, CancellationToken cancellationToken) =>
        Check(statement, await _session.AskAsync(statement, cancellationToken));

    public ValueTask DisposeAsync() => _session.DisposeAsync();

    private static IReadOnlyList<string> Check(string statement, PwshAnswer answer) =>
        answer.Error is null ? answer.Output : throw new LabException($"'{statement}' failed: {answer.Error}");
}
