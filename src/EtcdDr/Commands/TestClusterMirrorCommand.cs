using System.Management.Automation;
using System.Security;
using EtcdDr.Completion;
using EtcdDr.Engine.Mirror;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Commands;

/// <summary>Checks whether a secondary is fit to take the state of a primary, or of a snapshot of it.</summary>
[Cmdlet(VerbsDiagnostic.Test, "ClusterMirror", DefaultParameterSetName = OfCluster)]
[OutputType(typeof(MirrorCheck))]
public sealed class TestClusterMirrorCommand : EtcdDrNodeCmdlet
{
    private const string OfCluster = "Cluster";
    private const string OfSnapshot = "Snapshot";
    private const string OfPath = "Path";
    private const string OfLiteralPath = "LiteralPath";

    private readonly HashSet<string> _failed = new(StringComparer.Ordinal);

    /// <summary>The primary.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = OfCluster)]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(ClusterNameCompleter))]
    [ClusterByName]
    public EtcdCluster Primary { get; set; } = null!;

    /// <summary>A snapshot of the primary, which may be gone.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = OfSnapshot)]
    [ValidateNotNull]
    [SnapshotArgument]
    public EtcdSnapshot Snapshot { get; set; } = null!;

    /// <summary>Where a snapshot of the primary is, with wildcards: a path, <c>[user@]host:/dir</c> or an <c>sftp://</c> address.</summary>
    [Parameter(Mandatory = true, ParameterSetName = OfPath)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(SnapshotPathCompleter))]
    public string Path { get; set; } = null!;

    /// <summary>The same as it stands: no character is a wildcard.</summary>
    [Parameter(Mandatory = true, ParameterSetName = OfLiteralPath)]
    [Alias("PSPath")]
    [ValidateNotNullOrEmpty]
    public string LiteralPath { get; set; } = null!;

    /// <summary>The secondary.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(ClusterNameCompleter))]
    [ClusterByName]
    public EtcdCluster Secondary { get; set; } = null!;

    /// <summary>The private key that opens a sealed snapshot: a PFX or PEM file, or a thumbprint in CurrentUser\My; where it is left out
    /// that store is searched.</summary>
    [Parameter(ParameterSetName = OfSnapshot)]
    [Parameter(ParameterSetName = OfPath)]
    [Parameter(ParameterSetName = OfLiteralPath)]
    [ValidateNotNullOrEmpty]
    public string? DecryptWith { get; set; }

    /// <summary>Passphrase of the file that <see cref="DecryptWith"/> names.</summary>
    [Parameter(ParameterSetName = OfSnapshot)]
    [Parameter(ParameterSetName = OfPath)]
    [Parameter(ParameterSetName = OfLiteralPath)]
    public SecureString? DecryptPassphrase { get; set; }

    /// <summary>Checks to make; wildcards are allowed. All where nothing is said.</summary>
    [Parameter]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(MirrorCheckNameCompleter))]
    public string[] Include { get; set; } = [];

    /// <summary>Checks to leave out; wildcards are allowed.</summary>
    [Parameter]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(MirrorCheckNameCompleter))]
    public string[] Exclude { get; set; } = [];

    /// <summary>End with an error if a check failed, after all of them were emitted.</summary>
    [Parameter]
    public SwitchParameter FailOnDifference { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessAsync(OperationContext context, CancellationToken cancellationToken)
    {
        var operation = new MirrorOperation(context, new SshHostFactory()) { Include = Include, Exclude = Exclude };
        var checks =
            ParameterSetName == OfCluster
                ? await operation.RunAsync(Primary, Secondary, cancellationToken)
                : await operation.RunAsync(
                    WithDecryption(await SnapshotAsync(context, cancellationToken), DecryptWith, DecryptPassphrase),
                    Secondary,
                    cancellationToken
                );
        WriteObject(checks, enumerateCollection: true);
        _failed.UnionWith(checks.Where(c => c.Status == MirrorStatus.Fail).Select(c => c.Name));
    }

    /// <inheritdoc/>
    protected override Task EndAsync(OperationContext context, CancellationToken cancellationToken)
    {
        if (!FailOnDifference || _failed.Count == 0)
        {
            return Task.CompletedTask;
        }

        throw new EtcdDrException(
            "ClusterMirrorDiffers",
            EtcdDrErrorCategory.InvalidData,
            Errors.ClusterMirrorDiffers.With(Secondary.Name, string.Join(", ", _failed)),
            Errors.ClusterMirrorDiffers_Action,
            Secondary.Name
        );
    }

    private async Task<EtcdSnapshot> SnapshotAsync(OperationContext context, CancellationToken cancellationToken) =>
        ParameterSetName switch
        {
            OfPath => await Places.OneAsync(Path, literal: false, context, cancellationToken),
            OfLiteralPath => await Places.OneAsync(LiteralPath, literal: true, context, cancellationToken),
            _ => Snapshot,
        };
}
