using System.Management.Automation;
using System.Security;
using EtcdDr.Completion;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Snapshots;

namespace EtcdDr.Commands;

/// <summary>Lists the snapshots in a directory of this machine or of an SSH host, oldest first.</summary>
[Cmdlet(VerbsCommon.Get, "EtcdSnapshot")]
[OutputType(typeof(EtcdSnapshot))]
public sealed class GetEtcdSnapshotCommand : SnapshotCmdlet
{
    private readonly List<EtcdSnapshot> _found = [];

    /// <summary>Directories with snapshots, snapshots, or database files: paths, <c>[user@]host:/dir</c> or <c>sftp://</c> addresses.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [Alias("FullName")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(SnapshotPathCompleter))]
    public string[] Path { get; set; } = ["."];

    /// <summary>Only those whose name matches.</summary>
    [Parameter(Position = 1)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(SnapshotNameCompleter))]
    public string[]? Name { get; set; }

    /// <summary>Only the newest of all that are found.</summary>
    [Parameter]
    public SwitchParameter Latest { get; set; }

    /// <summary>The private key that opens sealed snapshots, so that what they say is proven: a PFX or PEM file, or a thumbprint in CurrentUser\My.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? DecryptWith { get; set; }

    /// <summary>Passphrase of the file that <see cref="DecryptWith"/> names.</summary>
    [Parameter]
    public SecureString? DecryptPassphrase { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessAsync(OperationContext context, CancellationToken cancellationToken)
    {
        var patterns = Name?.Select(n => new WildcardPattern(n, WildcardOptions.IgnoreCase)).ToList();
        foreach (var place in Path)
        {
            try
            {
                var (location, ssh) = Reach(place);
                var catalog = new SnapshotCatalog(Hosts, context);
                var found = await catalog.FindAsync(location, ssh, cancellationToken);
                await TakeAsync(catalog, found.Where(s => patterns is null || patterns.Any(p => p.IsMatch(s.Name))), cancellationToken);
            }
            catch (EtcdDrException e)
            {
                WriteError(e);
            }
        }
    }

    /// <inheritdoc/>
    protected override async Task EndAsync(OperationContext context, CancellationToken cancellationToken)
    {
        if (!Latest)
        {
            return;
        }

        // Where a key is at hand, one that was given another time is passed over.
        var catalog = new SnapshotCatalog(Hosts, context);
        foreach (var snapshot in _found.OrderByDescending(s => s.Created))
        {
            if (await catalog.ProveAsync(snapshot, cancellationToken) is { } newest)
            {
                WriteObject(newest);
                return;
            }
        }
    }

    private async Task TakeAsync(SnapshotCatalog catalog, IEnumerable<EtcdSnapshot> snapshots, CancellationToken cancellationToken)
    {
        foreach (var snapshot in snapshots.Select(s => WithDecryption(s, DecryptWith, DecryptPassphrase)))
        {
            if (Latest)
            {
                _found.Add(snapshot);
            }
            else if (DecryptWith is null)
            {
                WriteObject(snapshot);
            }
            else if (await catalog.ProveAsync(snapshot, cancellationToken) is { } proven)
            {
                WriteObject(proven);
            }
        }
    }
}
