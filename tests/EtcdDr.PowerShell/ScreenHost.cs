using System.Globalization;
using System.Management.Automation.Host;

namespace EtcdDr.PowerShell;

/// <summary>The host that scripts see.</summary>
internal sealed class ScreenHost(ScriptOptions options) : PSHost
{
    /// <summary>What a script's <c>exit</c> asked for; null if it did not.</summary>
    public int? ExitCode { get; private set; }

    /// <summary>The screen.</summary>
    public ScreenUserInterface Screen { get; } = new(options);

    public override string Name => options.HostName;

    public override Version Version { get; } = new(1, 0);

    public override Guid InstanceId { get; } = Guid.NewGuid();

    public override PSHostUserInterface UI => Screen;

    public override CultureInfo CurrentCulture => CultureInfo.InvariantCulture;

    public override CultureInfo CurrentUICulture { get; } = new("en-US", false);

    public override void EnterNestedPrompt() => throw new NotSupportedException("This host has no prompt.");

    public override void ExitNestedPrompt()
    {
    }

    public override void NotifyBeginApplication()
    {
    }

    public override void NotifyEndApplication()
    {
    }

    public override void SetShouldExit(int exitCode) => ExitCode = exitCode;
}
