using System.Management.Automation;
using EtcdDr.Completion;
using EtcdDr.Engine.Clusters;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Snapshots.Verification;

namespace EtcdDr.Commands;

/// <summary>
/// <para type="synopsis">Checks whether a snapshot is whole, agrees with what was recorded when it was taken, and is kept safe.</para>
/// </summary>
[Cmdlet(VerbsDiagnostic.Test, "EtcdSnapshot", DefaultParameterSetName = BySnapshot)]
[OutputType(typeof(EtcdSnapshotTest))]
public sealed class TestEtcdSnapshotCommand : SnapshotInputCmdlet
{
    private const string DrillBySnapshot = "DrillSnapshot";
    private const string DrillByPath = "DrillPath";
    private const string DrillByLiteralPath = "DrillLiteralPath";

    private int _checks;
    private int _findings;

    /// <inheritdoc/>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = BySnapshot)]
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = DrillBySnapshot)]
    [ValidateNotNull]
    [SnapshotArgument]
    public override EtcdSnapshot[] Snapshot { get; set; } = [];

    /// <inheritdoc/>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ByPath)]
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = DrillByPath)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(SnapshotPathCompleter))]
    public override string[] Path { get; set; } = [];

    /// <inheritdoc/>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = ByLiteralPath)]
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = DrillByLiteralPath)]
    [Alias("PSPath", "FullName")]
    [ValidateNotNullOrEmpty]
    public override string[] LiteralPath { get; set; } = [];

    /// <summary>End with an error if there was a finding, after all checks of all snapshots.</summary>
    [Parameter]
    public SwitchParameter FailOnFinding { get; set; }

    /// <summary>Restore it too, on this machine or a node: into a scratch directory, with a throwaway etcd on loopback, and remove all of
    /// that again.</summary>
    [Parameter(Mandatory = true, ParameterSetName = DrillBySnapshot)]
    [Parameter(Mandatory = true, ParameterSetName = DrillByPath)]
    [Parameter(Mandatory = true, ParameterSetName = DrillByLiteralPath)]
    public SwitchParameter Drill { get; set; }

    /// <summary>The cluster on whose node <see cref="Drill"/> restores, in place of this machine; what runs there is not touched.</summary>
    [Parameter(ParameterSetName = DrillBySnapshot)]
    [Parameter(ParameterSetName = DrillByPath)]
    [Parameter(ParameterSetName = DrillByLiteralPath)]
    [ValidateNotNull]
    [ClusterByName]
    [ArgumentCompleter(typeof(ClusterNameCompleter))]
    public EtcdCluster? Cluster { get; set; }

    /// <summary>Which node of <see cref="Cluster"/>; its first control-plane node that answers where nothing is said.</summary>
    [Parameter(ParameterSetName = DrillBySnapshot)]
    [Parameter(ParameterSetName = DrillByPath)]
    [Parameter(ParameterSetName = DrillByLiteralPath)]
    [ValidateNotNullOrEmpty]
    public string? Node { get; set; }

    /// <summary>Directory that holds etcd and etcdutl (or etcdctl) for <see cref="Drill"/>, on the machine where it restores.</summary>
    [Parameter(ParameterSetName = DrillBySnapshot)]
    [Parameter(ParameterSetName = DrillByPath)]
    [Parameter(ParameterSetName = DrillByLiteralPath)]
    [ValidateNotNullOrEmpty]
    public string? ToolPath { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessSnapshotAsync(EtcdSnapshot snapshot, OperationContext context, CancellationToken cancellationToken)
    {
        var verifier = new SnapshotVerifier(Hosts, context);
        if (!Drill)
        {
            await verifier.VerifyAsync(snapshot, Emit, cancellationToken);
        }
        else if (Cluster is null)
        {
            verifier.UseLocalDrill(ToolPath is null ? null : ResolvePath(ToolPath));
            await verifier.VerifyAsync(snapshot, Emit, cancellationToken);
        }
        else
        {
            await using var session = new ClusterSession(Cluster, context, Hosts);
            verifier.UseRemoteDrill(session, Node, ToolPath);
            await verifier.VerifyAsync(snapshot, Emit, cancellationToken);
        }
    }

    /// <inheritdoc/>
    protected override void OnUnusable(string place, EtcdDrException failure) => SnapshotVerifier.Report(place, failure, Emit);

    /// <inheritdoc/>
    protected override Task EndAsync(OperationContext context, CancellationToken cancellationToken)
    {
        if (!FailOnFinding || _findings == 0)
        {
            return Task.CompletedTask;
        }

        throw new EtcdDrException(
            "SnapshotFindings",
            EtcdDrErrorCategory.InvalidData,
            Errors.SnapshotFindings.With(_findings, _checks),
            Errors.SnapshotFindings_Action
        );
    }

    private void Emit(EtcdSnapshotTest test)
    {
        Interlocked.Increment(ref _checks);
        if (!test.Success)
        {
            Interlocked.Increment(ref _findings);
        }

        WriteObject(test);
    }
}
