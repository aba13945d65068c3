using System.Management.Automation;
using EtcdDr.Completion;
using EtcdDr.Engine.Kube;
using EtcdDr.Engine.Objects;
using EtcdDr.Engine.Objects.Sources;
using EtcdDr.Engine.Operations;

namespace EtcdDr.Commands;

/// <summary>Reads single objects out of a cluster or out of manifests.</summary>
[Cmdlet(VerbsCommon.Get, "ClusterObject", DefaultParameterSetName = OfCluster)]
[OutputType(typeof(ClusterObject))]
public sealed class GetClusterObjectCommand : ObjectCmdlet
{
    private const string OfCluster = "Cluster";
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

    /// <summary>The cluster to read from.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = OfCluster)]
    [ValidateNotNull]
    [ClusterByName]
    [ArgumentCompleter(typeof(ClusterNameCompleter))]
    public EtcdCluster Cluster { get; set; } = null!;

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

    private async Task EmitAsync(IAsyncEnumerable<KubeObject> items)
    {
        await foreach (var item in items)
        {
            WriteObject(Emitted(item));
        }
    }
}
