using System.Management.Automation;
using EtcdDr.Completion;
using EtcdDr.Engine.Clusters;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Snapshots;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Commands;

/// <summary>Takes a snapshot of a cluster: database, keys, node archives and inventory.</summary>
[Cmdlet(VerbsCommon.New, "EtcdSnapshot", SupportsShouldProcess = true, DefaultParameterSetName = "Path")]
[OutputType(typeof(EtcdSnapshot))]
public sealed class NewEtcdSnapshotCommand : EtcdDrNodeCmdlet
{
    /// <summary>The cluster.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNull]
    [ClusterByName]
    [ArgumentCompleter(typeof(ClusterNameCompleter))]
    public EtcdCluster Cluster { get; set; } = null!;

    /// <summary>The place that holds the snapshot then: a directory (wildcards must fit one), <c>[user@]host:/dir</c>,
    /// <c>s3://bucket/prefix</c>, or a name of the profile's places.</summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = "Path")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(DestinationCompleter))]
    public string Path { get; set; } = null!;

    /// <summary>The same as it stands: no character is a wildcard.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "LiteralPath")]
    [Alias("PSPath")]
    [ValidateNotNullOrEmpty]
    public string? LiteralPath { get; set; }

    /// <summary>Words that tell what the snapshot is for.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(SnapshotLabelCompleter))]
    public string? Label { get; set; }

    /// <summary>Certificates that the snapshot is sealed to: files, thumbprints or subjects; those of the profile where it is left out,
    /// none for an empty list.</summary>
    [Parameter]
    [ValidateNotNull]
    [AllowEmptyCollection]
    [ArgumentCompleter(typeof(RecipientCompleter))]
    public string[]? EncryptTo { get; set; }

    /// <summary>Take it although the cluster has no leader, a member reports corruption or members disagree.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    internal override string? NamedProfile => Cluster?.ProfilePath;

    /// <inheritdoc/>
    protected override async Task ProcessAsync(OperationContext context, CancellationToken cancellationToken)
    {
        var (location, ssh) = Places.ReachOne(LiteralPath ?? Path, LiteralPath is not null);
        if (!await ShouldProcessAsync(Cluster.Name, $"Take a snapshot into '{location}'"))
        {
            return;
        }

        var options = new NewSnapshotOptions
        {
            Destination = location,
            DestinationSsh = ssh,
            Label = Label,
            EncryptTo = EncryptTo is null ? null : Array.ConvertAll(EncryptTo, ResolveCertificate),
            Force = Force,
        };
        await using var session = new ClusterSession(Cluster, context, new SshHostFactory());
        WriteObject(await new NewSnapshotOperation(session, options).RunAsync(cancellationToken));
    }
}
