using System.Management.Automation;
using EtcdDr.Engine.Objects;
using EtcdDr.Engine.Objects.Comparison;
using EtcdDr.Engine.Operations;

namespace EtcdDr.Commands;

/// <summary>Compares single objects of two sources.</summary>
[Cmdlet(VerbsData.Compare, "ClusterObject")]
[OutputType(typeof(ClusterObjectDifference))]
public sealed class CompareClusterObjectCommand : MappedObjectCmdlet
{
    private readonly List<KubeObject> _others = [];

    /// <summary>Objects of the one source.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [AllowEmptyCollection]
    [ClusterObjectArgument]
    public ClusterObject[] ReferenceObject { get; set; } = [];

    /// <summary>Objects of the other source.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipeline = true)]
    [AllowEmptyCollection]
    [ClusterObjectArgument]
    public ClusterObject[] DifferenceObject { get; set; } = [];

    /// <summary>Tell what is equal too.</summary>
    [Parameter]
    public SwitchParameter IncludeEqual { get; set; }

    /// <inheritdoc/>
    protected override Task ProcessAsync(OperationContext context, CancellationToken cancellationToken)
    {
        _others.AddRange(DifferenceObject.Select(Taken));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    protected override Task EndAsync(OperationContext context, CancellationToken cancellationToken)
    {
        foreach (var difference in new ObjectComparison(Mapping).Compare(ReferenceObject.Select(Taken), _others, IncludeEqual))
        {
            WriteObject(difference);
        }

        return Task.CompletedTask;
    }
}
