using System.Management.Automation;
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

    /// <inheritdoc/>
    protected override async Task ProcessAsync(OperationContext context, CancellationToken cancellationToken)
    {
        var patterns = Name?.Select(n => new WildcardPattern(n, WildcardOptions.IgnoreCase)).ToList();
        foreach (var place in Path)
        {
            try
            {
                var (location, ssh) = Reach(place);
                var found = await new SnapshotCatalog(Hosts, context).FindAsync(location, ssh, cancellationToken);
                Take(found.Where(s => patterns is null || patterns.Any(p => p.IsMatch(s.Name))));
            }
            catch (EtcdDrException e)
            {
                WriteError(e);
            }
        }
    }

    /// <inheritdoc/>
    protected override Task EndAsync(OperationContext context, CancellationToken cancellationToken)
    {
        if (Latest && _found.MaxBy(s => s.Created) is { } newest)
        {
            WriteObject(newest);
        }

        return Task.CompletedTask;
    }

    private void Take(IEnumerable<EtcdSnapshot> snapshots)
    {
        if (Latest)
        {
            _found.AddRange(snapshots);
            return;
        }

        WriteObject(snapshots, enumerateCollection: true);
    }
}
