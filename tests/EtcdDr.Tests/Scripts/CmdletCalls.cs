using System.Management.Automation;
using System.Management.Automation.Language;
using System.Reflection;
using System.Text.RegularExpressions;
using EtcdDr.Commands;

namespace EtcdDr.Tests.Scripts;

/// <summary>Holds what scripts and documents call against the cmdlets that there are.</summary>
internal static partial class CmdletCalls
{
    private static readonly Dictionary<string, HashSet<string>> Cmdlets = typeof(EtcdDrCmdlet)
        .Assembly.GetExportedTypes()
        .Where(t => !t.IsAbstract && t.IsDefined(typeof(CmdletAttribute), inherit: false))
        .ToDictionary(Name, Parameters, StringComparer.OrdinalIgnoreCase);

    /// <summary>What does not parse, and every cmdlet and parameter of this module that there is not.</summary>
    public static IEnumerable<string> Faults(string script)
    {
        var tree = Parser.ParseInput(script, out _, out var errors);
        return errors
            .Select(e => e.Message)
            .Concat(tree.FindAll(a => a is CommandAst, searchNestedScriptBlocks: true).Cast<CommandAst>().SelectMany(Faults));
    }

    private static IEnumerable<string> Faults(CommandAst command)
    {
        var name = command.GetCommandName();
        if (name is null || !Ours().IsMatch(name))
            return [];

        return Cmdlets.TryGetValue(name, out var known)
            ? command
                .CommandElements.OfType<CommandParameterAst>()
                .Where(p => !known.Contains(p.ParameterName))
                .Select(p => $"{name} has no -{p.ParameterName}.")
            : [$"There is no cmdlet {name}."];
    }

    private static string Name(Type cmdlet)
    {
        var attribute = cmdlet.GetCustomAttribute<CmdletAttribute>()!;
        return $"{attribute.VerbName}-{attribute.NounName}";
    }

    private static HashSet<string> Parameters(Type cmdlet) =>
        cmdlet
            .GetProperties()
            .Where(p => p.IsDefined(typeof(ParameterAttribute)))
            .Select(p => p.Name)
            .Concat(Cmdlet.CommonParameters)
            .Concat(Cmdlet.OptionalCommonParameters)
            .ToHashSet(StringComparer.OrdinalIgnoreCase);

    [GeneratedRegex("^[A-Z][a-z]+-(Etcd|Cluster|ControlPlane|Kube|Maa)")]
    private static partial Regex Ours();
}
