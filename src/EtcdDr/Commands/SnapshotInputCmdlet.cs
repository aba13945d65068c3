using System.Management.Automation;
using System.Security;
using EtcdDr.Completion;
using EtcdDr.Engine.Operations;

namespace EtcdDr.Commands;

/// <summary>Base of cmdlets that read snapshots: given by the pipeline, or by their paths.</summary>
public abstract class SnapshotInputCmdlet : SnapshotCmdlet
{
    /// <summary>Parameter set of snapshots.</summary>
    protected const string BySnapshot = "Snapshot";

    /// <summary>Parameter set of paths with wildcards.</summary>
    protected const string ByPath = "Path";

    /// <summary>Parameter set of paths as they stand.</summary>
    protected const string ByLiteralPath = "LiteralPath";

    /// <summary>Snapshots.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = BySnapshot)]
    [ValidateNotNull]
    [SnapshotArgument]
    public virtual EtcdSnapshot[] Snapshot { get; set; } = [];

    /// <summary>Directories of snapshots, or database files, with wildcards; also <c>[user@]host:/path</c> and <c>sftp://</c>
    /// addresses.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ByPath)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(SnapshotPathCompleter))]
    public virtual string[] Path { get; set; } = [];

    /// <summary>The same, each as it stands: no character is a wildcard.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = ByLiteralPath)]
    [Alias("PSPath", "FullName")]
    [ValidateNotNullOrEmpty]
    public virtual string[] LiteralPath { get; set; } = [];

    /// <summary>The private key that opens a sealed snapshot: a PFX or PEM file, or a thumbprint in CurrentUser\My; where it is left out
    /// that store is searched.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? DecryptWith { get; set; }

    /// <summary>Passphrase of the file that <see cref="DecryptWith"/> names.</summary>
    [Parameter]
    public SecureString? DecryptPassphrase { get; set; }

    /// <summary>The work for one snapshot.</summary>
    protected abstract Task ProcessSnapshotAsync(EtcdSnapshot snapshot, OperationContext context, CancellationToken cancellationToken);

    /// <summary>Called where what stands at a path is no snapshot that can be used; the error of that path unless it is
    /// overridden.</summary>
    protected virtual void OnUnusable(string place, EtcdDrException failure) => WriteError(failure);

    /// <inheritdoc/>
    protected sealed override async Task ProcessAsync(OperationContext context, CancellationToken cancellationToken)
    {
        foreach (var snapshot in Snapshot)
        {
            await WorkAsync(snapshot, context, cancellationToken);
        }

        foreach (var (path, literal) in Path.Select(p => (p, false)).Concat(LiteralPath.Select(p => (p, true))))
        {
            await ForEachPlaceAsync(path, literal, place => WorkAtAsync(place, context, cancellationToken));
        }
    }

    // One snapshot's failure is that snapshot's; the next one is worked on.
    private Task WorkAsync(EtcdSnapshot snapshot, OperationContext context, CancellationToken cancellationToken) =>
        TryAsync(() => ProcessSnapshotAsync(WithDecryption(snapshot, DecryptWith, DecryptPassphrase), context, cancellationToken));

    private async Task WorkAtAsync(SnapshotPlace place, OperationContext context, CancellationToken cancellationToken)
    {
        IReadOnlyList<EtcdSnapshot> found;
        try
        {
            found = await Places.FindAsync(place, context, cancellationToken);
        }
        catch (EtcdDrException failure) when (failure.Category == EtcdDrErrorCategory.InvalidData || failure.ErrorId == "PathOutsideStore")
        {
            OnUnusable(Places.Reach(place.Text).Location.ToString(), failure);
            return;
        }

        foreach (var snapshot in found)
        {
            await WorkAsync(snapshot, context, cancellationToken);
        }
    }
}
