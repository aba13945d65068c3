using System.Management.Automation;
using EtcdDr.Completion;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Transfer;

namespace EtcdDr.Commands;

/// <summary>Copies snapshots to other hosts over SFTP or to other directories, several at once; a cut copy goes on where it
/// stopped.</summary>
[Cmdlet(VerbsCommon.Copy, "EtcdSnapshot", SupportsShouldProcess = true, DefaultParameterSetName = SnapshotSet)]
[OutputType(typeof(EtcdSnapshot))]
public sealed class CopyEtcdSnapshotCommand : SnapshotCmdlet
{
    private const string SnapshotSet = "Snapshot";
    private const string PathSet = "Path";
    private const string LiteralPathSet = "LiteralPath";

    /// <summary>What is copied.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = SnapshotSet)]
    [ValidateNotNull]
    [SnapshotArgument]
    public EtcdSnapshot Snapshot { get; set; } = null!;

    /// <summary>Where the snapshots are that are copied, with wildcards: paths, <c>[user@]host:/dir</c> or <c>sftp://</c>
    /// addresses.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = PathSet)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(SnapshotPathCompleter))]
    public string[] Path { get; set; } = [];

    /// <summary>The same, each as it stands: no character is a wildcard.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = LiteralPathSet)]
    [Alias("PSPath", "FullName")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>Directories that will hold the copies: <c>[user@]host:/dir</c>, <c>sftp://</c> addresses, or paths.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(DestinationCompleter))]
    public string[] Destination { get; set; } = null!;

    /// <summary>How many destinations are written to at once.</summary>
    [Parameter]
    [ValidateRange(1, 256)]
    public int ThrottleLimit { get; set; } = 16;

    /// <inheritdoc/>
    protected override int Parallelism => ThrottleLimit;

    /// <inheritdoc/>
    protected override async Task ProcessAsync(OperationContext context, CancellationToken cancellationToken)
    {
        foreach (var snapshot in await SnapshotsAsync(context, cancellationToken))
        {
            await TryAsync(() => CopyAsync(snapshot, context, cancellationToken));
        }
    }

    private async Task<IReadOnlyList<EtcdSnapshot>> SnapshotsAsync(OperationContext context, CancellationToken cancellationToken)
    {
        if (ParameterSetName == SnapshotSet)
        {
            return [Snapshot];
        }

        var found = new List<EtcdSnapshot>();
        var literal = ParameterSetName == LiteralPathSet;
        foreach (var path in literal ? LiteralPath : Path)
        {
            var several = !literal && WildcardPattern.ContainsWildcardCharacters(path);
            await ForEachPlaceAsync(
                path,
                literal,
                async place =>
                    found.AddRange(
                        several
                            ? await Places.FindAsync(place, context, cancellationToken)
                            : [await Places.OneAsync(place.Text, literal: true, context, cancellationToken)]
                    )
            );
        }

        return found;
    }

    private async Task CopyAsync(EtcdSnapshot snapshot, OperationContext context, CancellationToken cancellationToken)
    {
        var destinations = new List<CopyDestination>();
        foreach (var place in Destination)
        {
            var (location, ssh) = Places.Reach(place);
            if (await ShouldProcessAsync(location.ToString(), $"Copy {snapshot} ({HumanText.Size(snapshot.Size)})"))
            {
                destinations.Add(new CopyDestination(location, ssh));
            }
        }

        if (destinations.Count > 0)
        {
            await new CopySnapshotOperation(Hosts, context).RunAsync(snapshot, destinations, s => WriteObject(s), cancellationToken);
        }
    }
}
