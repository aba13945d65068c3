using System.Collections.ObjectModel;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;

namespace EtcdDr.PowerShell;

/// <summary>Shows what a console would show, and keeps what tests ask for. Prompts are answered from a list or fail.</summary>
internal sealed class ScreenUserInterface(ScriptOptions options) : PSHostUserInterface
{
    private readonly object _gate = new();
    private readonly Queue<string> _answers = new(options.Answers);
    private readonly Dictionary<(long Source, int Activity), string> _progress = [];

    public List<string> Warnings { get; } = [];

    public List<string> VerboseLines { get; } = [];

    public List<ProgressRecord> Progress { get; } = [];

    public override PSHostRawUserInterface RawUI { get; } = new ScreenRawInterface(options.Width);

    public override bool SupportsVirtualTerminal => options.Colour;

    public override void Write(string value) => Print(value, newLine: false);

    public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) => Write(value);

    public override void WriteLine(string value) => Print(value, newLine: true);

    public override void WriteErrorLine(string value) => Print(Coloured(value, "31"), newLine: true);

    public override void WriteDebugLine(string message) => Print(Coloured("DEBUG: " + message, "33"), newLine: true);

    public override void WriteVerboseLine(string message)
    {
        lock (_gate)
            VerboseLines.Add(message);
        Print(Coloured("VERBOSE: " + message, "33"), newLine: true);
    }

    public override void WriteWarningLine(string message)
    {
        lock (_gate)
            Warnings.Add(message);
        Print(Coloured("WARNING: " + message, "33;1"), newLine: true);
    }

    public override void WriteProgress(long sourceId, ProgressRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        lock (_gate)
        {
            Progress.Add(record);
            var text = ProgressLine(record);
            var key = (sourceId, record.ActivityId);
            if (!options.ShowProgress || (_progress.TryGetValue(key, out var shown) && shown == text))
                return;

            _progress[key] = text;
            Print(Coloured(text, "36"), newLine: true);
        }
    }

    public override string ReadLine() => Answer("a line of input");

    public override SecureString ReadLineAsSecureString() => Secure(Answer("a secret"));

    public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions)
    {
        ArgumentNullException.ThrowIfNull(descriptions);
        return descriptions.ToDictionary(d => d.Name, d => PSObject.AsPSObject(Answer(d.Name)));
    }

    public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice)
    {
        ArgumentNullException.ThrowIfNull(choices);
        Print($"{caption}{Environment.NewLine}{message}", newLine: true);
        var answer = Answer(caption);
        Print(answer, newLine: true);
        for (var i = 0; i < choices.Count; i++)
        {
            if (choices[i].Label.Replace("&", "", StringComparison.Ordinal).StartsWith(answer, StringComparison.OrdinalIgnoreCase))
                return i;
        }

        throw new PSInvalidOperationException($"'{answer}' is not one of the choices of '{caption}'.");
    }

    public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) =>
        new(userName, Secure(Answer(caption)));

    public override PSCredential PromptForCredential(
        string caption,
        string message,
        string userName,
        string targetName,
        PSCredentialTypes allowedCredentialTypes,
        PSCredentialUIOptions options) => PromptForCredential(caption, message, userName, targetName);

    private string Answer(string question)
    {
        lock (_gate)
        {
            return _answers.TryDequeue(out var answer)
                ? answer
                : throw new PSInvalidOperationException($"The session is not interactive: nobody answers the prompt '{question}'.");
        }
    }

    private void Print(string text, bool newLine)
    {
        if (options.Screen is not { } screen)
            return;

        var shown = GetOutputString(text, options.Colour);
        lock (_gate)
        {
            screen.Write(shown);
            if (newLine)
                screen.WriteLine();
            screen.Flush();
        }
    }

    private string Coloured(string text, string code) => options.Colour ? $"\u001b[{code}m{text}\u001b[0m" : text;

    private static string ProgressLine(ProgressRecord record)
    {
        var indent = record.ParentActivityId >= 0 ? "    " : "  ";
        if (record.RecordType == ProgressRecordType.Completed)
            return $"{indent}{record.Activity}: done";

        var percent = record.PercentComplete >= 0 ? $" {record.PercentComplete.ToString(CultureInfo.InvariantCulture)} %" : "";
        var left = record.SecondsRemaining >= 0 ? $", {record.SecondsRemaining.ToString(CultureInfo.InvariantCulture)} s left" : "";
        return $"{indent}{record.Activity}: {record.StatusDescription}{percent}{left}";
    }

    private static SecureString Secure(string text)
    {
        var secret = new SecureString();
        foreach (var character in text)
            secret.AppendChar(character);
        secret.MakeReadOnly();
        return secret;
    }
}
