using System.Management.Automation;
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
    private int _checks;
    private int _findings;

    /// <summary>End with an error if there was a finding, after all checks of all snapshots.</summary>
    [Parameter]
    public SwitchParameter FailOnFinding { get; set; }

    /// <summary>Restore it too, on this machine or a node: into a scratch directory, with a throwaway etcd on loopback, and remove all of that again.</summary>
    [Parameter]
    public SwitchParameter Drill { get; set; }

    /// <summary>The cluster on whose node <see cref="Drill"/> restores, in place of this machine; what runs there is not touched.</summary>
    [Parameter]
    [ValidateNotNull]
    [ClusterByName]
    [ArgumentCompleter(typeof(Completion.ClusterNameCompleter))]
    public EtcdCluster? Cluster { get; set; }

    /// <summary>Which node of <see cref="Cluster"/>; its first control-plane node that answers where nothing is said.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Node { get; set; }

    /// <summary>Directory that holds etcd and etcdutl (or etcdctl) for <see cref="Drill"/>, on the machine where it restores.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ToolPath { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessSnapshotAsync(EtcdSnapshot snapshot, OperationContext context, CancellationToken cancellationToken)
    {
        var verifier = new SnapshotVerifier(Hosts, context);
        if (!Drill)
        {
            RefuseDrillParameters();
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
            Errors.SnapshotFindings_Action);
    }

    // A test that was meant to drill and did not would look like one that passed.
    private void RefuseDrillParameters()
    {
        var given = new[] { nameof(Cluster), nameof(Node), nameof(ToolPath) }.FirstOrDefault(MyInvocation.BoundParameters.ContainsKey);
        if (given is not null)
        {
            throw new EtcdDrException(
                "DrillNotAsked", EtcdDrErrorCategory.InvalidArgument, Errors.DrillNotAsked.With(given), Errors.DrillNotAsked_Action);
        }
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
