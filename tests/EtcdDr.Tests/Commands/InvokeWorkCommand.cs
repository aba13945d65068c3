using System.Management.Automation;
using EtcdDr.Commands;
using EtcdDr.Engine.Operations;

namespace EtcdDr.Tests.Commands;

/// <summary>A cmdlet whose work is the test's.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "Work", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
public sealed class InvokeWorkCommand : EtcdDrCmdlet
{
    /// <summary>The work.</summary>
    [Parameter(Mandatory = true)]
    public Func<InvokeWorkCommand, OperationContext, CancellationToken, Task> Work { get; set; } = null!;

    /// <summary>An object of the pipeline.</summary>
    [Parameter(ValueFromPipeline = true)]
    public int? InputObject { get; set; }

    /// <summary>Fail before the first object.</summary>
    [Parameter]
    public SwitchParameter Begin { get; set; }

    /// <summary>Fail after the last object.</summary>
    [Parameter]
    public SwitchParameter End { get; set; }

    /// <summary>How long clean-up may take.</summary>
    [Parameter]
    public TimeSpan Limit { get; set; } = TimeSpan.FromSeconds(60);

    protected override TimeSpan CleanUpLimit => Limit;

    public void Emit(object value) => WriteObject(value);

    public Task<bool> AskAsync(string target, string action) => ShouldProcessAsync(target, action);

    protected override Task BeginAsync(OperationContext context, CancellationToken cancellationToken) =>
        Begin ? throw Failure() : Task.CompletedTask;

    protected override Task EndAsync(OperationContext context, CancellationToken cancellationToken) =>
        End ? throw Failure() : Task.CompletedTask;

    protected override Task ProcessAsync(OperationContext context, CancellationToken cancellationToken) =>
        Work(this, context, cancellationToken);

    /// <summary>An expected failure.</summary>
    internal static EtcdDrException Failure() =>
        new("HostKeyUnknown", EtcdDrErrorCategory.SecurityError, "Host cp1 is unknown.", "Accept its key.", "cp1");
}
