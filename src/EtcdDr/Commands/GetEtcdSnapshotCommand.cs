using System.Management.Automation;
using System.Security;
using EtcdDr.Completion;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Snapshots;

namespace EtcdDr.Commands;

/// <summary>Lists the snapshots in a directory of this machine or of an SSH host, oldest first.</summary>
[Cmdlet(VerbsCommon.Get, "EtcdSnapshot", DefaultParameterSetName = ByPath)]
[OutputType(typeof(EtcdSnapshot))]
public sealed class GetEtcdSnapshotCommand : SnapshotCmdlet
{
    private const string ByPath = "Path";
    private const string ByLiteralPath = "LiteralPath";

    private readonly List<EtcdSnapshot> _found = [];
    private int _emitted;

    /// <summary>Directories with snapshots, snapshots, or database files, with wildcards: paths, <c>[user@]host:/dir</c> or <c>sftp://</c>
    /// addresses.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ParameterSetName = ByPath)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(SnapshotPathCompleter))]
    public string[] Path { get; set; } = ["."];

    /// <summary>The same, each as it stands: no character is a wildcard.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = ByLiteralPath)]
    [Alias("PSPath", "FullName")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>Only those whose name matches.</summary>
    [Parameter(Position = 1)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(SnapshotNameCompleter))]
    public string[]? Name { get; set; }

    /// <summary>Only those of clusters whose name matches.</summary>
    [Parameter]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(SnapshotClusterCompleter))]
    public string[]? Cluster { get; set; }

    /// <summary>Only those whose label matches.</summary>
    [Parameter]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(SnapshotLabelCompleter))]
    public string[]? Label { get; set; }

    /// <summary>Only those that were taken after this time.</summary>
    [Parameter]
    public DateTime? After { get; set; }

    /// <summary>Only those that were taken before this time.</summary>
    [Parameter]
    public DateTime? Before { get; set; }

    /// <summary>Only so many of those that fit, in the order of the list: the oldest.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int? First { get; set; }

    /// <summary>Only the newest of all that fit.</summary>
    [Parameter]
    public SwitchParameter Latest { get; set; }

    /// <summary>The private key that opens sealed snapshots, so that what they say is proven: a PFX or PEM file, or a thumbprint in
    /// CurrentUser\My.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? DecryptWith { get; set; }

    /// <summary>Passphrase of the file that <see cref="DecryptWith"/> names.</summary>
    [Parameter]
    public SecureString? DecryptPassphrase { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessAsync(OperationContext context, CancellationToken cancellationToken)
    {
        var literal = ParameterSetName == ByLiteralPath;
        foreach (var path in literal ? LiteralPath : Path)
        {
            await ForEachPlaceAsync(path, literal, place => TakeAsync(place, context, cancellationToken));
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

    private static bool Fits(string[]? patterns, string? text) =>
        patterns is null || Array.Exists(patterns, p => WildcardPattern.Get(p, WildcardOptions.IgnoreCase).IsMatch(text ?? ""));

    private bool Fits(EtcdSnapshot snapshot) =>
        Fits(Name, snapshot.Name)
        && Fits(Cluster, snapshot.Cluster)
        && Fits(Label, snapshot.Label)
        && (After is null || snapshot.Created > After.Value.ToUniversalTime())
        && (Before is null || snapshot.Created < Before.Value.ToUniversalTime());

    private async Task TakeAsync(SnapshotPlace place, OperationContext context, CancellationToken cancellationToken)
    {
        var catalog = new SnapshotCatalog(Hosts, context);
        var found = await Places.FindAsync(place, context, cancellationToken);
        foreach (var snapshot in found.Where(Fits).Select(s => WithDecryption(s, DecryptWith, DecryptPassphrase)))
        {
            if (_emitted == First)
            {
                return;
            }

            if (Latest)
            {
                _emitted++;
                _found.Add(snapshot);
            }
            else if (DecryptWith is null)
            {
                _emitted++;
                WriteObject(snapshot);
            }
            else
            {
                await TryAsync(() => ProveAsync(catalog, snapshot, cancellationToken));
            }
        }
    }

    private async Task ProveAsync(SnapshotCatalog catalog, EtcdSnapshot snapshot, CancellationToken cancellationToken)
    {
        if (await catalog.ProveAsync(snapshot, cancellationToken) is { } proven)
        {
            _emitted++;
            WriteObject(proven);
        }
    }
}
