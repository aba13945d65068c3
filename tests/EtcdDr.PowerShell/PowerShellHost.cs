using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace EtcdDr.PowerShell;

/// <summary>Runs scripts in an engine of its own, as <c>pwsh -NoProfile</c> would.</summary>
public static class PowerShellHost
{
    /// <summary>Runs a script.</summary>
    /// <param name="script">A path that ends in <c>.ps1</c>, or the script's text.</param>
    /// <param name="options">How to run it.</param>
    /// <param name="cancellationToken">Stops the script as Ctrl-C does.</param>
    public static async Task<ScriptResult> RunScriptAsync(string script, ScriptOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new ScriptOptions();
        var host = new ScreenHost(options);
        using var runspace = RunspaceFactory.CreateRunspace(host, InitialState(options));
        runspace.Open();
        using var shell = System.Management.Automation.PowerShell.Create(runspace);
        await ImportAsync(shell, options);

        var output = new List<PSObject>();
        AddScript(shell, script, output);
        var terminating = await InvokeAsync(shell, cancellationToken);
        return Result(shell, host, output, terminating);
    }

    private static InitialSessionState InitialState(ScriptOptions options)
    {
        var state = InitialSessionState.CreateDefault2();
        state.Commands.Add(new SessionStateCmdletEntry("Keep-Output", typeof(KeepOutputCommand), null));
        foreach (var function in ConsoleFunctions.All)
            state.Commands.Add(function);
        foreach (var (name, cmdlet) in options.Cmdlets)
            state.Commands.Add(new SessionStateCmdletEntry(name, cmdlet, null));
        foreach (var (name, value) in options.Variables)
            state.Variables.Add(new SessionStateVariableEntry(name, value, null));

        return state;
    }

    private static async Task ImportAsync(System.Management.Automation.PowerShell shell, ScriptOptions options)
    {
        foreach (var module in options.Modules)
        {
            shell.AddCommand("Import-Module").AddParameter("Name", module).AddParameter("ErrorAction", ActionPreference.Stop);
            await shell.InvokeAsync();
            shell.Commands.Clear();
        }
    }

    private static void AddScript(System.Management.Automation.PowerShell shell, string script, List<PSObject> output)
    {
        if (script.EndsWith(".ps1", StringComparison.OrdinalIgnoreCase))
            shell.AddCommand(Path.GetFullPath(script));
        else
            shell.AddScript(script);

        // Errors are shown between the objects, where they happened, as a console shows them.
        shell.Commands.Commands[0].MergeMyResults(PipelineResultTypes.Error, PipelineResultTypes.Output);
        shell.AddCommand("Keep-Output").AddParameter("In", output).AddCommand("Out-Default");
    }

    private static async Task<ErrorRecord?> InvokeAsync(System.Management.Automation.PowerShell shell, CancellationToken cancellationToken)
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
            await ShowAsync(shell, failure.ErrorRecord);
            return failure.ErrorRecord;
        }
    }

    private static async Task ShowAsync(System.Management.Automation.PowerShell shell, ErrorRecord error)
    {
        using var show = System.Management.Automation.PowerShell.Create(shell.Runspace);
        show.AddCommand("Out-Default");
        await show.InvokeAsync(new PSDataCollection<PSObject>([PSObject.AsPSObject(error)]));
    }

    private static ScriptResult Result(System.Management.Automation.PowerShell shell, ScreenHost host, List<PSObject> output, ErrorRecord? terminating)
    {
        var errors = (System.Collections.IEnumerable)shell.Runspace.SessionStateProxy.GetVariable("Error");
        var exit = host.ExitCode ?? shell.Runspace.SessionStateProxy.GetVariable("LASTEXITCODE") as int?;
        return new ScriptResult(
            exit is > 0 or < 0 ? exit.Value : terminating is null ? 0 : 1,
            [.. output.Where(o => o.BaseObject is not ErrorRecord)],
            [.. errors.OfType<object>().Select(Record).OfType<ErrorRecord>().Reverse()],
            terminating,
            host.Screen.Warnings,
            host.Screen.VerboseLines,
            [.. shell.Streams.Information.Select(i => i.ToString())],
            host.Screen.Progress);
    }

    private static ErrorRecord? Record(object error) => error is PSObject wrapped
        ? Record(wrapped.BaseObject)
        : error as ErrorRecord ?? (error as RuntimeException)?.ErrorRecord;
}
