using System.Management.Automation;
using System.Security;
using EtcdDr.Completion;
using EtcdDr.Engine.Mirror.Comparison;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Commands;

/// <summary>Compares what a snapshot holds with a live cluster or with another snapshot.</summary>
[Cmdlet(VerbsData.Compare, "EtcdSnapshot", DefaultParameterSetName = WithCluster)]
[OutputType(typeof(InventoryDifference))]
[OutputType(typeof(InventoryKindSummary))]
public sealed class CompareEtcdSnapshotCommand : EtcdDrCmdlet
{
    private const string WithCluster = "Cluster";
    private const string WithSnapshot = "Snapshot";
    private const string PathWithCluster = "PathCluster";
    private const string PathWithSnapshot = "PathSnapshot";
    private const string LiteralPathWithCluster = "LiteralPathCluster";
    private const string LiteralPathWithSnapshot = "LiteralPathSnapshot";
    private int _differences;

    /// <summary>The snapshot.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = WithCluster)]
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = WithSnapshot)]
    [ValidateNotNull]
    [SnapshotArgument]
    public EtcdSnapshot Snapshot { get; set; } = null!;

    /// <summary>Where the snapshot is, with wildcards: a path, <c>[user@]host:/dir</c> or an <c>sftp://</c> address.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = PathWithCluster)]
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = PathWithSnapshot)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(SnapshotPathCompleter))]
    public string? Path { get; set; }

    /// <summary>The same as it stands: no character is a wildcard.</summary>
    [Parameter(Mandatory = true, ParameterSetName = LiteralPathWithCluster)]
    [Parameter(Mandatory = true, ParameterSetName = LiteralPathWithSnapshot)]
    [Alias("PSPath")]
    [ValidateNotNullOrEmpty]
    public string? LiteralPath { get; set; }

    /// <summary>The cluster to compare it with.</summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = WithCluster)]
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = PathWithCluster)]
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = LiteralPathWithCluster)]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(ClusterNameCompleter))]
    [ClusterByName]
    public EtcdCluster Cluster { get; set; } = null!;

    /// <summary>The snapshot to compare it with.</summary>
    [Parameter(Mandatory = true, ParameterSetName = WithSnapshot)]
    [Parameter(Mandatory = true, ParameterSetName = PathWithSnapshot)]
    [Parameter(Mandatory = true, ParameterSetName = LiteralPathWithSnapshot)]
    [Alias("ReferenceSnapshot")]
    [ValidateNotNull]
    [SnapshotArgument]
    public EtcdSnapshot? With { get; set; }

    /// <summary>The private key that opens sealed snapshots: a PFX or PEM file, or a thumbprint in CurrentUser\My; where it is left out
    /// that store is searched.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? DecryptWith { get; set; }

    /// <summary>Passphrase of the file that <see cref="DecryptWith"/> names.</summary>
    [Parameter]
    public SecureString? DecryptPassphrase { get; set; }

    /// <summary>Namespaces to tell about; wildcards are allowed.</summary>
    [Parameter]
    [SupportsWildcards]
    public string[] Namespace { get; set; } = [];

    /// <summary>Kinds to tell about; wildcards are allowed.</summary>
    [Parameter]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(KindNameCompleter))]
    public string[] Kind { get; set; } = [];

    /// <summary>Emit one object for each kind, with counts, in place of one for each difference.</summary>
    [Parameter]
    public SwitchParameter Summary { get; set; }

    /// <summary>End with an error if there was a difference, after all of them were emitted.</summary>
    [Parameter]
    public SwitchParameter FailOnDifference { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessAsync(OperationContext context, CancellationToken cancellationToken)
    {
        var operation = new CompareSnapshotOperation(context, new SshHostFactory());
        var snapshot = WithDecryption(await SnapshotAsync(context, cancellationToken), DecryptWith, DecryptPassphrase);
        var kinds = With is null
            ? await operation.RunAsync(snapshot, Cluster, Emit, cancellationToken)
            : await operation.RunAsync(snapshot, WithDecryption(With, DecryptWith, DecryptPassphrase), Emit, cancellationToken);
        if (Summary)
        {
            WriteObject(kinds.Where(k => Fits(Kind, k.Kind)).ToArray(), enumerateCollection: true);
        }
    }

    /// <inheritdoc/>
    protected override Task EndAsync(OperationContext context, CancellationToken cancellationToken)
    {
        if (!FailOnDifference || _differences == 0)
        {
            return Task.CompletedTask;
        }

        throw new EtcdDrException(
            "InventoryDiffers",
            EtcdDrErrorCategory.InvalidData,
            Errors.InventoryDiffers.With(_differences),
            Errors.InventoryDiffers_Action
        );
    }

    private async Task<EtcdSnapshot> SnapshotAsync(OperationContext context, CancellationToken cancellationToken) =>
        Path is not null || LiteralPath is not null
            ? await Places.OneAsync(LiteralPath ?? Path!, LiteralPath is not null, context, cancellationToken)
            : Snapshot;

    private static bool Fits(string[] patterns, string? name) => patterns.Length == 0 || patterns.Any(p => Wildcard.Matches(p, name ?? ""));

    private void Emit(InventoryDifference difference)
    {
        if (!Fits(Namespace, difference.Namespace) || !Fits(Kind, difference.Kind))
        {
            return;
        }

        _differences++;
        if (!Summary)
        {
            WriteObject(difference);
        }
    }
}
