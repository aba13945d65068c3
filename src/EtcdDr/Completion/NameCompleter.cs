using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace EtcdDr.Completion;

/// <summary>Completes one of a few names that are found in local files. A file that cannot be read completes nothing.</summary>
public abstract class NameCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName,
        string parameterName,
        string wordToComplete,
        CommandAst commandAst,
        IDictionary fakeBoundParameters
    )
    {
        var typed = (wordToComplete ?? "").Trim('\'', '"');
        var pattern = WildcardPattern.Get(WildcardPattern.Escape(typed) + "*", WildcardOptions.IgnoreCase);
        return Found(typed, fakeBoundParameters)
            .Where(pattern.IsMatch)
            .Select(name => new CompletionResult(Quoted(name), name, CompletionResultType.ParameterValue, name));
    }

    /// <summary>The names, from files only.</summary>
    /// <param name="typed">What is typed of the name.</param>
    /// <param name="boundParameters">What other parameters are typed already.</param>
    protected abstract IReadOnlyList<string> Names(string typed, IDictionary boundParameters);

    private IReadOnlyList<string> Found(string typed, IDictionary boundParameters)
    {
        try
        {
            return Names(typed, boundParameters);
        }
        catch (Exception failure)
            when (failure is EtcdDrException or RuntimeException or IOException or UnauthorizedAccessException or OperationCanceledException
            )
        {
            // There is nobody to tell while a line is being typed; the cmdlet tells when it runs.
            return [];
        }
    }

    private static string Quoted(string name) =>
        name.All(c => char.IsLetterOrDigit(c) || c is '-' or '_' or '.' or '/' or '\\' or ':' or '~')
            ? name
            : $"'{name.Replace("'", "''", StringComparison.Ordinal)}'";
}
