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

    /// <summary>How long clean-up may take.</summary>
    [Parameter]
    public TimeSpan Limit { get; set; } = TimeSpan.FromSeconds(60);

    protected override TimeSpan CleanUpLimit => Limit;

    public void Emit(object value) => WriteObject(value);

    public Task<bool> AskAsync(string target, string action) => ShouldProcessAsync(target, action);

    public string Resolve(string path) => ResolvePath(path);

    protected override Task ProcessAsync(OperationContext context, CancellationToken cancellationToken) => Work(this, context, cancellationToken);
}
