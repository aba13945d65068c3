using System.Management.Automation;
using EtcdDr.Completion;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Transfer;

namespace EtcdDr.Commands;

/// <summary>Copies snapshots to other hosts over SFTP or to other directories, several at once; a cut copy goes on where it stopped.</summary>
[Cmdlet(
    VerbsCommon.Copy,
    "EtcdSnapshot",
    SupportsShouldProcess = true,
    DefaultParameterSetName = SnapshotSet)]
[OutputType(typeof(EtcdSnapshot))]
public sealed class CopyEtcdSnapshotCommand : SnapshotCmdlet
{
    private const string SnapshotSet = "Snapshot";
    private const string PathSet = "Path";

    /// <summary>What is copied.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = SnapshotSet)]
    [ValidateNotNull]
    public EtcdSnapshot Snapshot { get; set; } = null!;

    /// <summary>Where the snapshot is that is copied: a path, <c>[user@]host:/dir</c> or an <c>sftp://</c> address.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = PathSet)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(SnapshotPathCompleter))]
    public string Path { get; set; } = null!;

    /// <summary>Directories that will hold the copies: <c>[user@]host:/dir</c>, <c>sftp://</c> addresses, or paths.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNullOrEmpty]
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
        var snapshot = ParameterSetName == PathSet ? await GetSnapshotAsync(Path, context, cancellationToken) : Snapshot;
        var destinations = new List<CopyDestination>();
        foreach (var place in Destination)
        {
            var (location, ssh) = Reach(place);
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
