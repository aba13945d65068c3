using System.Collections.ObjectModel;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Management.Automation.Runspaces;
using System.Security;
using Shell = System.Management.Automation.PowerShell;

namespace EtcdDr.Tests.Commands;

/// <summary>A pipeline in the test's own process, so that a cmdlet can be given the test's delegates and the test sees objects and not
/// text.</summary>
internal sealed record CmdletRunspace
{
    /// <summary>Cmdlet classes by name.</summary>
    public required IReadOnlyDictionary<string, Type> Cmdlets { get; init; }

    /// <summary>Variables that the script finds.</summary>
    public IReadOnlyDictionary<string, object?> Variables { get; init; } = new Dictionary<string, object?>();

    /// <summary>Answers to questions, in their order; a question without an answer fails, as under <c>-NonInteractive</c>.</summary>
    public IReadOnlyList<string> Answers { get; init; } = [];

    /// <summary>Runs a script.</summary>
    /// <param name="script">Its text.</param>
    /// <param name="stop">Stops it as Ctrl-C does.</param>
    public async Task<CmdletResult> RunAsync(string script, CancellationToken stop = default)
    {
        var state = InitialSessionState.CreateDefault2();
        foreach (var (name, cmdlet) in Cmdlets)
            state.Commands.Add(new SessionStateCmdletEntry(name, cmdlet, null));
        foreach (var (name, value) in Variables)
            state.Variables.Add(new SessionStateVariableEntry(name, value, null));

        using var runspace = RunspaceFactory.CreateRunspace(new AnsweringHost(Answers), state);
        runspace.Open();
        using var shell = Shell.Create(runspace);
        shell.AddScript(script);
        using var output = new PSDataCollection<PSObject>();
        ErrorRecord? terminating = null;
        using var registration = stop.Register(() => shell.BeginStop(null, null));
        try
        {
            await shell.InvokeAsync<PSObject, PSObject>(null, output);
        }
        catch (PipelineStoppedException) when (stop.IsCancellationRequested)
        {
            throw new OperationCanceledException(stop);
        }
        catch (RuntimeException failure)
        {
            terminating = failure.ErrorRecord;
        }

        var errors = shell.Streams.Error.ToList();
        return new CmdletResult([.. output], terminating is null ? errors : [.. errors, terminating], terminating, shell.Streams);
    }

    private sealed class AnsweringHost(IReadOnlyList<string> answers) : PSHost
    {
        public override string Name => "tests";

        public override Version Version { get; } = new(1, 0);

        public override Guid InstanceId { get; } = Guid.NewGuid();

        public override PSHostUserInterface UI { get; } = new AnsweringInterface(new Queue<string>(answers));

        public override CultureInfo CurrentCulture => CultureInfo.InvariantCulture;

        public override CultureInfo CurrentUICulture { get; } = new("en-US", false);

        public override void EnterNestedPrompt() => throw new NotSupportedException();

        public override void ExitNestedPrompt() { }

        public override void NotifyBeginApplication() { }

        public override void NotifyEndApplication() { }

        public override void SetShouldExit(int exitCode) { }
    }

    private sealed class AnsweringInterface(Queue<string> answers) : PSHostUserInterface
    {
        public override PSHostRawUserInterface? RawUI => null;

        public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice)
        {
            var answer = answers.TryDequeue(out var next) ? next : throw new PSInvalidOperationException($"Nobody answers '{caption}'.");
            return choices
                .Select((choice, index) => (Label: choice.Label.Replace("&", "", StringComparison.Ordinal), index))
                .First(c => c.Label == answer)
                .index;
        }

        public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions) =>
            throw new NotSupportedException();

        public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) =>
            throw new NotSupportedException();

        public override PSCredential PromptForCredential(
            string caption,
            string message,
            string userName,
            string targetName,
            PSCredentialTypes allowedCredentialTypes,
            PSCredentialUIOptions options
        ) => throw new NotSupportedException();

        public override string ReadLine() => throw new NotSupportedException();

        public override SecureString ReadLineAsSecureString() => throw new NotSupportedException();

        public override void Write(string value) { }

        public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) { }

        public override void WriteLine(string value) { }

        public override void WriteDebugLine(string message) { }

        public override void WriteErrorLine(string value) { }

        public override void WriteProgress(long sourceId, ProgressRecord record) { }

        public override void WriteVerboseLine(string message) { }

        public override void WriteWarningLine(string message) { }
    }
}
