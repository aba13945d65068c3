using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace EtcdDr.Completion;

/// <summary>Completes one of a few names that are found in local files. A file that cannot be read completes nothing.</summary>
public abstract class NameCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        var typed = (wordToComplete ?? "").Trim('\'', '"');
        var pattern = WildcardPattern.Get(WildcardPattern.Escape(typed) + "*", WildcardOptions.IgnoreCase);
        return Found(fakeBoundParameters).Where(pattern.IsMatch).Select(name => new CompletionResult(Quoted(name), name, CompletionResultType.ParameterValue, name));
    }

    /// <summary>The names, from files only.</summary>
    /// <param name="boundParameters">What is typed already.</param>
    protected abstract IReadOnlyList<string> Names(IDictionary boundParameters);

    private IReadOnlyList<string> Found(IDictionary boundParameters)
    {
        try
        {
            return Names(boundParameters);
        }
        catch (Exception failure) when (failure is EtcdDrException or RuntimeException or IOException or UnauthorizedAccessException)
        {
            // There is nobody to tell while a line is being typed; the cmdlet tells when it runs.
            return [];
        }
    }

    private static string Quoted(string name) => name.All(c => char.IsLetterOrDigit(c) || c is '-' or '_' or '.') ? name : $"'{name.Replace("'", "''", StringComparison.Ordinal)}'";
}
