using System.Management.Automation;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;
using Shell = System.Management.Automation.PowerShell;

namespace EtcdDr.PowerShell;

/// <summary>
/// A session at a console. Each call is a pipeline of its own, as each line at a prompt is: PowerShell chooses the view of a pipeline by its first
/// object and shows objects of other types after it as lists.
/// </summary>
public sealed class PowerShellSession : IAsyncDisposable
{
    private readonly ScreenHost _host;
    private readonly Runspace _runspace;

    private PowerShellSession(ScriptOptions options)
    {
        _host = new ScreenHost(options);
        _runspace = RunspaceFactory.CreateRunspace(_host, InitialState(options));
        _runspace.Open();
    }

    /// <summary>Opens a session and imports the modules that the options name.</summary>
    public static async Task<PowerShellSession> OpenAsync(ScriptOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var session = new PowerShellSession(options);
        foreach (var module in options.Modules)
        {
            using var shell = Shell.Create(session._runspace);
            await shell.AddCommand("Import-Module").AddParameter("Name", module).AddParameter("ErrorAction", ActionPreference.Stop).InvokeAsync();
        }

        return session;
    }

    /// <summary>Runs a script or a statement in one pipeline.</summary>
    /// <param name="script">A path that ends in <c>.ps1</c>, or the script's text.</param>
    /// <param name="cancellationToken">Stops the script as Ctrl-C does.</param>
    public async Task<ScriptResult> RunAsync(string script, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(script);
        using var shell = Shell.Create(_runspace);
        var output = new List<PSObject>();
        AddScript(shell, script, output);
        var terminating = await InvokeAsync(shell, cancellationToken);
        return Result(shell, output, terminating);
    }

    /// <summary>Types a script's statements at a prompt, one after the other: shows each, runs it, and ends early if one ends the session.</summary>
    /// <param name="text">The script's text.</param>
    /// <param name="cancellationToken">Stops the script as Ctrl-C does.</param>
    /// <returns>The last result.</returns>
    public async Task<ScriptResult> TypeAsync(string text, CancellationToken cancellationToken = default)
    {
        var script = Parser.ParseInput(text, out _, out var mistakes);
        if (mistakes.Length > 0)
            throw new ParseException(mistakes);

        var result = new ScriptResult(0, [], [], null, [], [], [], []);
        foreach (var statement in script.EndBlock.Statements.Select(s => s.Extent.Text))
        {
            _host.UI.WriteLine($"PS> {statement}");
            result = await RunAsync(statement, cancellationToken);
            if (_host.ExitCode is not null || result.Terminating is not null)
                return result;
        }

        return result;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _runspace.Dispose();
        return ValueTask.CompletedTask;
    }

    private static InitialSessionState InitialState(ScriptOptions options)
    {
        var state = InitialSessionState.CreateDefault2();
        state.Commands.Add(new SessionStateCmdletEntry("Keep-Output", typeof(KeepOutputCommand), null));
        foreach (var command in ConsoleFunctions.All)
            state.Commands.Add(command);
        foreach (var (name, cmdlet) in options.Cmdlets)
            state.Commands.Add(new SessionStateCmdletEntry(name, cmdlet, null));
        foreach (var path in options.Formats)
            state.Formats.Add(new SessionStateFormatEntry(path));
        foreach (var (name, value) in options.Variables)
            state.Variables.Add(new SessionStateVariableEntry(name, value, null));

        return state;
    }

    private static void AddScript(Shell shell, string script, List<PSObject> output)
    {
        if (script.EndsWith(".ps1", StringComparison.OrdinalIgnoreCase) && File.Exists(script))
            shell.AddCommand(Path.GetFullPath(script));
        else
            shell.AddScript(script);

        // Errors are shown between the objects, where they happened, as a console shows them.
        shell.Commands.Commands[0].MergeMyResults(PipelineResultTypes.Error, PipelineResultTypes.Output);
        shell.AddCommand("Keep-Output").AddParameter("In", output).AddCommand("Out-Default");
    }

    private async Task<ErrorRecord?> InvokeAsync(Shell shell, CancellationToken cancellationToken)
    {
        using var registration = cancellationToken.Register(() => shell.BeginStop(null, null));
        try
        {
            await shell.InvokeAsync();
            return null;
        }
        catch (PipelineStoppedException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (RuntimeException failure)
        {
            await ShowAsync(failure.ErrorRecord);
            return failure.ErrorRecord;
        }
    }

    private async Task ShowAsync(ErrorRecord error)
    {
        using var shell = Shell.Create(_runspace);
        shell.AddCommand("Out-Default");
        await shell.InvokeAsync(new PSDataCollection<PSObject>([PSObject.AsPSObject(error)]));
    }

    private ScriptResult Result(Shell shell, List<PSObject> output, ErrorRecord? terminating)
    {
        var errors = (System.Collections.IEnumerable)_runspace.SessionStateProxy.GetVariable("Error");
        var exit = _host.ExitCode ?? _runspace.SessionStateProxy.GetVariable("LASTEXITCODE") as int? ?? 0;
        return new ScriptResult(
            exit != 0 || terminating is null ? exit : 1,
            [.. output.Where(o => o.BaseObject is not ErrorRecord)],
            [.. errors.OfType<object>().Select(Record).OfType<ErrorRecord>().Reverse()],
            terminating,
            [.. _host.Screen.Warnings],
            [.. _host.Screen.VerboseLines],
            [.. shell.Streams.Information.Select(i => i.ToString())],
            [.. _host.Screen.Progress]);
    }

    private static ErrorRecord? Record(object error) => error is PSObject wrapped
        ? Record(wrapped.BaseObject)
        : error as ErrorRecord ?? (error as RuntimeException)?.ErrorRecord;
}
