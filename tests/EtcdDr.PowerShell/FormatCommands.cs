using System.Management.Automation;
using System.Reflection;
using Microsoft.PowerShell.Commands.Internal.Format;

namespace EtcdDr.PowerShell;

/// <summary><c>Format-Table</c> over the engine's own formatting, whose front end comes with pwsh only.</summary>
[Cmdlet(VerbsCommon.Format, "Table")]
public sealed class FormatTableCommand : OuterFormatTableBase
{
    /// <summary>Creates the command.</summary>
    public FormatTableCommand() => FormatImplementation.Attach(this, "Table");
}

/// <summary><c>Format-List</c> over the engine's own formatting, whose front end comes with pwsh only.</summary>
[Cmdlet(VerbsCommon.Format, "List")]
public sealed class FormatListCommand : OuterFormatTableAndListBase
{
    /// <summary>Creates the command.</summary>
    public FormatListCommand() => FormatImplementation.Attach(this, "List");
}

/// <summary>Joins a front end with the engine's formatting, which is internal to it.</summary>
internal static class FormatImplementation
{
    private const BindingFlags Hidden = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    public static void Attach(FrontEndCommandBase command, string shape)
    {
        var engine = typeof(FrontEndCommandBase).Assembly;
        var shapes = engine.GetType("Microsoft.PowerShell.Commands.Internal.Format.FormatShape", throwOnError: true)!;
        var implementation = engine.GetType("Microsoft.PowerShell.Commands.Internal.Format.InnerFormatShapeCommand", throwOnError: true)!;
        var value = Activator.CreateInstance(implementation, Hidden, null, [Enum.Parse(shapes, shape)], null);
        typeof(FrontEndCommandBase).GetField("implementation", Hidden)!.SetValue(command, value);
    }
}
