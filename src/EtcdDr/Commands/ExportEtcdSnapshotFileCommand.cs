using System.Management.Automation;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Snapshots;

namespace EtcdDr.Commands;

/// <summary>Takes single files out of a snapshot, opened where it is sealed.</summary>
[Cmdlet(VerbsData.Export, "EtcdSnapshotFile", SupportsShouldProcess = true, DefaultParameterSetName = BySnapshot)]
[OutputType(typeof(FileInfo))]
public sealed class ExportEtcdSnapshotFileCommand : SnapshotInputCmdlet
{
    /// <summary>Paths of the files in the snapshot; wildcards.</summary>
    [Parameter(Mandatory = true)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    /// <summary>The directory that a directory of the snapshot's name is made in, which holds the files.</summary>
    [Parameter(Mandatory = true)]
    [ValidateNotNullOrEmpty]
    public string Destination { get; set; } = null!;

    /// <inheritdoc/>
    protected override async Task ProcessSnapshotAsync(EtcdSnapshot snapshot, OperationContext context, CancellationToken cancellationToken)
    {
        var target = System.IO.Path.Combine(ResolvePath(Destination), snapshot.Name);
        if (!await ShouldProcessAsync(target, $"Export {string.Join(", ", Name)} of {snapshot}"))
        {
            return;
        }

        var patterns = Array.ConvertAll(Name, n => WildcardPattern.Get(n, WildcardOptions.IgnoreCase));
        var written = await new ExportFilesOperation(Hosts, context).RunAsync(
            snapshot,
            path => Array.Exists(patterns, p => p.IsMatch(path)),
            target,
            cancellationToken
        );
        WriteObject(written.Select(path => new FileInfo(path)).ToArray(), enumerateCollection: true);
    }
}
