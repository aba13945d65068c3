using System.Management.Automation;
using EtcdDr.Engine.Objects;
using EtcdDr.Engine.Objects.Export;
using EtcdDr.Engine.Operations;

namespace EtcdDr.Commands;

/// <summary>Writes single objects as YAML files, in the layout of the MAA scripts.</summary>
[Cmdlet(VerbsData.Export, "ClusterObject", SupportsShouldProcess = true)]
[OutputType(typeof(FileInfo))]
public sealed class ExportClusterObjectCommand : ObjectCmdlet
{
    private string _directory = "";

    /// <summary>The objects.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    [ValidateNotNull]
    [ClusterObjectArgument]
    public ClusterObject[] InputObject { get; set; } = [];

    /// <summary>The directory that they are written to; made if it is not there.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>Write objects as they go into another cluster: without what their own has set.</summary>
    [Parameter]
    public SwitchParameter Clean { get; set; }

    /// <summary>Replace files that are there and hold something else.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override Task BeginAsync(OperationContext context, CancellationToken cancellationToken)
    {
        _directory = Resolve(Path);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    protected override async Task ProcessAsync(OperationContext context, CancellationToken cancellationToken)
    {
        foreach (var item in InputObject)
        {
            await TryAsync(() => ExportAsync(Taken(item), context, cancellationToken));
        }
    }

    private async Task ExportAsync(KubeObject item, OperationContext context, CancellationToken cancellationToken)
    {
        if (Clean)
        {
            if (ObjectFile.WhyLeftOut(item) is { } reason)
            {
                context.Sink.Verbose($"{item} is left out. {reason}");
                return;
            }

            item = ObjectFile.Cleaned(item);
        }

        if (await ShouldProcessAsync(System.IO.Path.Combine(_directory, ObjectFile.PathOf(item)), "Write"))
        {
            WriteObject(new FileInfo(await ObjectFile.WriteAsync(_directory, item, Force, cancellationToken)));
        }
    }
}
