using System.Management.Automation;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;
using System.Reflection;

namespace EtcdDr.Tests.Scripts;

/// <summary>
/// The rules of PSScriptAnalyzer that matter here, over PowerShell's own syntax tree: the analyzer itself comes from the PowerShell Gallery
/// only. Coarser than its own where it judges blocks one by one: what is assigned must be read somewhere in the file.
/// </summary>
internal static class ScriptRules
{
    private static readonly HashSet<string> Aliases = InitialSessionState
        .CreateDefault2()
        .Commands.OfType<SessionStateAliasEntry>()
        .Select(a => a.Name)
        .ToHashSet(StringComparer.OrdinalIgnoreCase);

    private static readonly HashSet<string> ApprovedVerbs = typeof(VerbsCommon)
        .Assembly.GetExportedTypes()
        .Where(t => t.Namespace == "System.Management.Automation" && t.Name.StartsWith("Verbs", StringComparison.Ordinal))
        .SelectMany(t => t.GetFields(BindingFlags.Public | BindingFlags.Static))
        .Select(f => f.Name)
        .ToHashSet(StringComparer.OrdinalIgnoreCase);

    private static readonly HashSet<string> ChangingVerbs = new(
        ["New", "Set", "Remove", "Start", "Stop", "Restart", "Reset", "Update"],
        StringComparer.OrdinalIgnoreCase
    );
    private static readonly string[] SecretWords = ["Password", "Passphrase", "Secret", "Credential"];
    private static readonly string[] Forbidden = ["Write-Host", "Invoke-Expression", "iex"];

    /// <summary>Variables that PowerShell sets.</summary>
    private static readonly HashSet<string> Automatic = new(
        [
            "args",
            "Error",
            "Event",
            "ExecutionContext",
            "foreach",
            "Home",
            "Host",
            "input",
            "Matches",
            "MyInvocation",
            "PID",
            "Profile",
            "PSBoundParameters",
            "PSCmdlet",
            "PSHome",
            "PSItem",
            "PSScriptRoot",
            "PWD",
            "Sender",
            "switch",
            "this",
        ],
        StringComparer.OrdinalIgnoreCase
    );

    /// <summary>Variables that PowerShell, Pester or a caller reads.</summary>
    private static readonly HashSet<string> ReadElsewhere = new(
        [
            "ErrorActionPreference",
            "VerbosePreference",
            "InformationPreference",
            "ProgressPreference",
            "PSNativeCommandUseErrorActionPreference",
            "null",
            "_",
        ],
        StringComparer.OrdinalIgnoreCase
    );

    /// <summary>What is wrong with a script, each finding with its line.</summary>
    /// <param name="text">The script.</param>
    /// <param name="isExample">Whether it is an example of the documentation: a piece of a session, whose variables may be read
    /// elsewhere.</param>
    public static IEnumerable<string> Findings(string text, bool isExample = false)
    {
        var script = Parser.ParseInput(text, out _, out var errors);
        if (errors.Length > 0)
            return errors.Select(e => $"line {e.Extent.StartLineNumber}: {e.Message}");

        var nodes = script.FindAll(_ => true, searchNestedScriptBlocks: true).ToList();
        IEnumerable<(Ast Where, string What)> findings =
        [
            .. nodes.OfType<CommandAst>().SelectMany(Command),
            .. nodes.OfType<FunctionDefinitionAst>().SelectMany(Function),
            .. nodes.OfType<ParameterAst>().SelectMany(Parameter),
            .. nodes.OfType<ScriptBlockAst>().SelectMany(UnusedParameters),
            .. nodes
                .OfType<CatchClauseAst>()
                .Where(c => c.Body.Statements.Count == 0)
                .Select(c => ((Ast)c, "an empty catch hides failures")),
            .. nodes
                .OfType<BinaryExpressionAst>()
                .Where(IsNullOnTheRight)
                .Select(c => ((Ast)c, "$null belongs on the left of a comparison: an array on the left is filtered, not compared")),
            .. nodes.OfType<VariableExpressionAst>().Where(v => v.VariablePath.IsGlobal).Select(v => ((Ast)v, $"{v} is global")),
            .. isExample ? [] : Unused(nodes),
        ];
        return findings.Select(f => $"line {f.Where.Extent.StartLineNumber}: {f.What}");
    }

    private static IEnumerable<(Ast, string)> Command(CommandAst command)
    {
        var name = command.GetCommandName();
        if (name is null)
            yield break;

        if (Aliases.Contains(name))
            yield return (command, $"{name} is an alias");
        if (Forbidden.Contains(name, StringComparer.OrdinalIgnoreCase))
            yield return (command, $"{name} must not be used");

        // As the analyzer does by default: one or two values without a name are read at a glance, three are not.
        if (name.Contains('-', StringComparison.Ordinal) && Positional(command) >= 3)
            yield return (command, $"{name} has three or more values without the name of a parameter");
    }

    private static int Positional(CommandAst command)
    {
        var count = 0;
        for (var i = 1; i < command.CommandElements.Count; i++)
        {
            var element = command.CommandElements[i];
            var isValueOfParameter = command.CommandElements[i - 1] is CommandParameterAst { Argument: null };
            if (element is not CommandParameterAst && !isValueOfParameter && element is not VariableExpressionAst { Splatted: true })
                count++;
        }

        return count;
    }

    private static IEnumerable<(Ast, string)> Function(FunctionDefinitionAst function)
    {
        if (function.Name.Split('-') is not [var verb, _])
            yield break;

        if (!ApprovedVerbs.Contains(verb))
            yield return (function, $"{verb} is no approved verb");
        if (ChangingVerbs.Contains(verb) && !SupportsShouldProcess(function))
            yield return (function, $"{function.Name} changes something and has no SupportsShouldProcess");
    }

    private static bool SupportsShouldProcess(FunctionDefinitionAst function) =>
        function
            .Body.ParamBlock?.Attributes.SelectMany(a => a.NamedArguments)
            .Any(a => a.ArgumentName.Equals("SupportsShouldProcess", StringComparison.OrdinalIgnoreCase))
        ?? false;

    private static IEnumerable<(Ast, string)> Parameter(ParameterAst parameter)
    {
        var name = parameter.Name.VariablePath.UserPath;
        if (SecretWords.Any(w => name.Contains(w, StringComparison.OrdinalIgnoreCase)) && parameter.StaticType == typeof(string))
            yield return (parameter, $"${name} takes a secret as plain text");
        if (Automatic.Contains(name))
            yield return (parameter, $"${name} is a variable of PowerShell's own");
    }

    // A function that reads a parameter of the script around it depends on where it is called from.
    private static IEnumerable<(Ast, string)> UnusedParameters(ScriptBlockAst block)
    {
        IEnumerable<ParameterAst> parameters = block.ParamBlock?.Parameters ?? (block.Parent as FunctionDefinitionAst)?.Parameters ?? [];
        var read = block
            .FindAll(a => a is VariableExpressionAst, searchNestedScriptBlocks: true)
            .Where(a => !(a.Parent is ParameterAst parameter && parameter.Name == a) && !IsInFunctionOf(block, a))
            .Select(a => Plain(((VariableExpressionAst)a).VariablePath))
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
        return read.Contains("PSBoundParameters")
            ? []
            : parameters
                .Where(p => !read.Contains(Plain(p.Name.VariablePath)))
                .Select(p => ((Ast)p, $"{p.Name} is a parameter that nothing reads"));
    }

    private static bool IsInFunctionOf(ScriptBlockAst block, Ast? node)
    {
        for (; node is not null && node != block; node = node.Parent)
        {
            if (node is FunctionDefinitionAst)
                return true;
        }

        return false;
    }

    private static bool IsNullOnTheRight(BinaryExpressionAst expression) =>
        expression.Operator is TokenKind.Ieq or TokenKind.Ine or TokenKind.Ceq or TokenKind.Cne
        && expression.Right is VariableExpressionAst { VariablePath.UserPath: "null" };

    private static IEnumerable<(Ast, string)> Unused(List<Ast> nodes)
    {
        var assigned = nodes.OfType<AssignmentStatementAst>().Select(a => a.Left).OfType<VariableExpressionAst>().ToList();
        var written = assigned.ToHashSet();
        var read = nodes
            .OfType<VariableExpressionAst>()
            .Where(v => !written.Contains(v))
            .Select(v => Plain(v.VariablePath))
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
        return assigned
            .Where(v =>
                !read.Contains(Plain(v.VariablePath)) && !ReadElsewhere.Contains(Plain(v.VariablePath)) && !v.VariablePath.IsDriveQualified
            )
            .Select(v => ((Ast)v, $"{v} is assigned and never read"));
    }

    private static string Plain(VariablePath path) => path.UserPath[(path.UserPath.LastIndexOf(':') + 1)..];
}
