using System.Management.Automation.Runspaces;

namespace EtcdDr.PowerShell;

/// <summary>
/// Small stand-ins for commands of the Utility and Management modules, which come with pwsh and not with its NuGet package. They do what scripts of
/// the lab and the tests need and no more.
/// </summary>
internal static class ConsoleFunctions
{
    public static IReadOnlyList<SessionStateFunctionEntry> All { get; } =
    [
    ];
}
