using System.Management.Automation;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Snapshots.Keys;

namespace EtcdDr.Commands;

/// <summary>
/// <para type="synopsis">Measures what fills a snapshot's database: by kind, by namespace, and the largest objects.</para>
/// </summary>
[Cmdlet(VerbsDiagnostic.Measure, "EtcdSnapshot", DefaultParameterSetName = BySnapshot)]
[OutputType(typeof(EtcdSnapshotMeasure))]
public sealed class MeasureEtcdSnapshotCommand : SnapshotInputCmdlet
{
    /// <summary>How many of the largest objects are listed.</summary>
    [Parameter]
    [ValidateRange(0, 10000)]
    public int Largest { get; set; } = 20;

    /// <inheritdoc/>
    protected override async Task ProcessSnapshotAsync(
        EtcdSnapshot snapshot,
        OperationContext context,
        CancellationToken cancellationToken
    ) => WriteObject(await new SnapshotKeyReader(Hosts, context).MeasureAsync(snapshot, Largest, cancellationToken));
}
