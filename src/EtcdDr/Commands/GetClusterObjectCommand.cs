using System.Management.Automation;
using System.Security;
using EtcdDr.Completion;
using EtcdDr.Engine.Kube;
using EtcdDr.Engine.Objects;
using EtcdDr.Engine.Objects.Sources;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Snapshots.Mounting;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Commands;

/// <summary>Reads single objects out of a cluster, a snapshot or manifests.</summary>
[Cmdlet(VerbsCommon.Get, "ClusterObject", DefaultParameterSetName = OfCluster)]
[OutputType(typeof(ClusterObject))]
public sealed class GetClusterObjectCommand : ObjectCmdlet
{
    private const string OfCluster = "Cluster";
    private const string OfSnapshot = "Snapshot";
    private const string OfMount = "Mount";
    private const string OfPath = "Path";
    private const string OfLiteralPath = "LiteralPath";

    /// <summary>Kinds, as kubectl takes them: name, plural, short name, with the group if need be; wildcards.</summary>
    [Parameter(Position = 0)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(KindNameCompleter))]
    public string[] Kind { get; set; } = [];

    /// <summary>Names; wildcards.</summary>
    [Parameter(Position = 1)]
    [SupportsWildcards]
    public string[] Name { get; set; } = [];

    /// <summary>The cluster to read from; with <see cref="Snapshot"/> the one on whose node the snapshot is served meanwhile.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = OfCluster)]
    [Parameter(Mandatory = true, ParameterSetName = OfSnapshot)]
    [ValidateNotNull]
    [ClusterByName]
    [ArgumentCompleter(typeof(ClusterNameCompleter))]
    public EtcdCluster Cluster { get; set; } = null!;

    /// <summary>The snapshot to read from: it is mounted, read and dismounted.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = OfSnapshot)]
    [ValidateNotNull]
    [SnapshotArgument]
    public EtcdSnapshot Snapshot { get; set; } = null!;

    /// <summary>The node of <see cref="Cluster"/> that serves the snapshot; the first control-plane node that answers where nothing is
    /// said.</summary>
    [Parameter(ParameterSetName = OfSnapshot)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ControlPlaneNodeCompleter))]
    public string? Node { get; set; }

    /// <summary>Directory on that node that holds etcd, etcdutl (or etcdctl) and kube-apiserver.</summary>
    [Parameter(ParameterSetName = OfSnapshot)]
    [ValidateNotNullOrEmpty]
    public string? ToolPath { get; set; }

    /// <summary>The private key that opens a sealed snapshot: a PFX or PEM file, or a thumbprint in CurrentUser\My; where it is left out
    /// that store is searched.</summary>
    [Parameter(ParameterSetName = OfSnapshot)]
    [ValidateNotNullOrEmpty]
    public string? DecryptWith { get; set; }

    /// <summary>Passphrase of the file that <see cref="DecryptWith"/> names.</summary>
    [Parameter(ParameterSetName = OfSnapshot)]
    public SecureString? DecryptPassphrase { get; set; }

    /// <summary>A mounted snapshot to read from.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = OfMount)]
    [ValidateNotNull]
    [MountArgument]
    public EtcdSnapshotMount Mount { get; set; } = null!;

    /// <summary>Manifests, directories of them, or archives of such directories; wildcards.</summary>
    [Parameter(Mandatory = true, ParameterSetName = OfPath)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = [];

    /// <summary>The same, each as it stands: no character is a wildcard.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = OfLiteralPath)]
    [Alias("PSPath", "FullName")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>Namespaces; wildcards. With the objects in them come the namespaces themselves.</summary>
    [Parameter]
    [SupportsWildcards]
    public string[] Namespace { get; set; } = [];

    /// <summary>Label selector, as kubectl takes it.</summary>
    [Parameter]
    [Alias("Selector")]
    [ValidateNotNullOrEmpty]
    public string? LabelSelector { get; set; }

    /// <summary>Give what controllers make by themselves too.</summary>
    [Parameter]
    public SwitchParameter IncludeOwned { get; set; }

    private ObjectQuery Query =>
        new()
        {
            Kinds = Kind,
            Namespaces = Namespace,
            Names = Name,
            LabelSelector = LabelSelector,
            IncludeOwned = IncludeOwned,
        };

    /// <inheritdoc/>
    protected override async Task ProcessAsync(OperationContext context, CancellationToken cancellationToken)
    {
        if (ParameterSetName == OfCluster)
        {
            await using var api = await KubeApi.ConnectAsync(Cluster, cancellationToken);
            await EmitAsync(new ClusterSource(api, Cluster.Name, context.Sink).ReadAsync(Query, cancellationToken));
            return;
        }

        if (ParameterSetName == OfSnapshot)
        {
            await OfSnapshotAsync(context, cancellationToken);
            return;
        }

        if (ParameterSetName == OfMount)
        {
            await OfMountAsync(Mount, context, cancellationToken);
            return;
        }

        foreach (var place in Path.Select(p => (Text: p, IsLiteral: false)).Concat(LiteralPath.Select(p => (Text: p, IsLiteral: true))))
        {
            await TryAsync(async () =>
            {
                foreach (var file in place.IsLiteral ? [Resolve(place.Text)] : Expand(place.Text))
                {
                    await EmitAsync(new FileSource(context.Sink.Error).ReadAsync(file, Query, cancellationToken));
                }
            });
        }
    }

    // It is dismounted whatever happens, also by Ctrl-C.
    private async Task OfSnapshotAsync(OperationContext context, CancellationToken cancellationToken)
    {
        var options = new MountOptions { Node = Node, ToolPath = ToolPath };
        var snapshot = WithDecryption(Snapshot, DecryptWith, DecryptPassphrase);
        var mount = await new MountOperation(context, new SshHostFactory()).MountAsync(snapshot, Cluster, options, cancellationToken);
        try
        {
            await OfMountAsync(mount, context, cancellationToken);
        }
        finally
        {
            await MountOperation.DismountAsync(mount.Id);
        }
    }

    private async Task OfMountAsync(EtcdSnapshotMount mount, OperationContext context, CancellationToken cancellationToken)
    {
        await using var api = await MountOperation.ConnectAsync(mount, cancellationToken);
        await EmitAsync(new ClusterSource(api, mount.Snapshot, context.Sink, mount.Revision).ReadAsync(Query, cancellationToken));
    }

    private async Task EmitAsync(IAsyncEnumerable<KubeObject> items)
    {
        await foreach (var item in items)
        {
            WriteObject(Emitted(item));
        }
    }
}
