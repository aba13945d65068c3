using System.Management.Automation;
using System.Security;
using EtcdDr.Completion;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Snapshots;

namespace EtcdDr.Commands;

/// <summary>Base of cmdlets that read snapshots: given by the pipeline, or by their paths.</summary>
public abstract class SnapshotInputCmdlet : SnapshotCmdlet
{
    /// <summary>Parameter set of snapshots.</summary>
    protected const string BySnapshot = "Snapshot";

    /// <summary>Parameter set of paths.</summary>
    protected const string ByPath = "Path";

    /// <summary>Snapshots.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = BySnapshot)]
    [ValidateNotNull]
    public EtcdSnapshot[] Snapshot { get; set; } = [];

    /// <summary>Directories of snapshots, or database files; also <c>[user@]host:/path</c> and <c>sftp://</c> addresses.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true, ParameterSetName = ByPath)]
    [Alias("FullName", "LiteralPath")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(SnapshotPathCompleter))]
    public string[] Path { get; set; } = [];

    /// <summary>The private key that opens a sealed snapshot: a PFX or PEM file, or a thumbprint in CurrentUser\My; where it is left out that store is searched.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? DecryptWith { get; set; }

    /// <summary>Passphrase of the file that <see cref="DecryptWith"/> names.</summary>
    [Parameter]
    public SecureString? DecryptPassphrase { get; set; }

    /// <summary>The work for one snapshot.</summary>
    protected abstract Task ProcessSnapshotAsync(EtcdSnapshot snapshot, OperationContext context, CancellationToken cancellationToken);

    /// <summary>Called where what stands at a path is no snapshot that can be used; ends the cmdlet unless it is overridden.</summary>
    protected virtual void OnUnusable(string place, EtcdDrException failure) => throw failure;

    /// <inheritdoc/>
    protected sealed override async Task ProcessAsync(OperationContext context, CancellationToken cancellationToken)
    {
        if (ParameterSetName == BySnapshot)
        {
            foreach (var snapshot in Snapshot)
            {
                await ProcessSnapshotAsync(WithDecryption(snapshot, DecryptWith, DecryptPassphrase), context, cancellationToken);
            }

            return;
        }

        foreach (var path in Path)
        {
            await ProcessPathAsync(path, context, cancellationToken);
        }
    }

    private async Task ProcessPathAsync(string path, OperationContext context, CancellationToken cancellationToken)
    {
        var (location, ssh) = Reach(path);
        IReadOnlyList<EtcdSnapshot> found;
        try
        {
            found = await new SnapshotCatalog(Hosts, context).FindAsync(location, ssh, cancellationToken);
        }
        catch (EtcdDrException failure) when (failure.Category == EtcdDrErrorCategory.InvalidData || failure.ErrorId == "PathOutsideStore")
        {
            OnUnusable(location.ToString(), failure);
            return;
        }

        foreach (var snapshot in found)
        {
            await ProcessSnapshotAsync(WithDecryption(snapshot, DecryptWith, DecryptPassphrase), context, cancellationToken);
        }
    }
}
