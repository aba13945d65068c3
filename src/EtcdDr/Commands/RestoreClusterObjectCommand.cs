using System.Collections.Concurrent;
using System.Management.Automation;
using EtcdDr.Completion;
using EtcdDr.Engine.Objects;
using EtcdDr.Engine.Objects.Cleaning;
using EtcdDr.Engine.Objects.Restore;
using EtcdDr.Engine.Operations;

namespace EtcdDr.Commands;

/// <summary>Puts single objects into a cluster, in the order that they need, with a way back.</summary>
[Cmdlet(VerbsData.Restore, "ClusterObject", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(ClusterObjectResult))]
public sealed class RestoreClusterObjectCommand : MappedObjectCmdlet
{
    private readonly List<KubeObject> _items = [];

    /// <summary>The objects.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    [ValidateNotNull]
    [ClusterObjectArgument]
    public ClusterObject[] InputObject { get; set; } = [];

    /// <summary>The cluster that they go into.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNull]
    [ClusterByName]
    [ArgumentCompleter(typeof(ClusterNameCompleter))]
    public EtcdCluster Cluster { get; set; } = null!;

    /// <summary>Keep node ports of services.</summary>
    [Parameter]
    public SwitchParameter KeepNodePort { get; set; }

    /// <summary>Keep claims and volumes bound to one another: for storage that is replicated.</summary>
    [Parameter]
    public SwitchParameter KeepVolumeBinding { get; set; }

    /// <summary>Take over fields that somebody else owns and that differ.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Delete and make anew what differs in a field that cannot be changed.</summary>
    [Parameter]
    public SwitchParameter Replace { get; set; }

    /// <summary>Wait at the end until workloads run.</summary>
    [Parameter]
    public SwitchParameter Wait { get; set; }

    /// <summary>Limit of <see cref="Wait"/>, seconds.</summary>
    [Parameter]
    [ValidateRange(1, 86400)]
    public int WaitTimeoutSeconds { get; set; } = 300;

    /// <summary>For how long an object is tried again that is refused for what may pass, seconds.</summary>
    [Parameter]
    [ValidateRange(0, 3600)]
    public int RetryTimeoutSeconds { get; set; } = 120;

    /// <summary>Directory that keeps what is replaced, for Undo-ClusterObject.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? RecordPath { get; set; }

    /// <summary>How many objects are worked on at once; 16 where nothing is said.</summary>
    [Parameter]
    [ValidateRange(1, 256)]
    public int ThrottleLimit { get; set; } = 16;

    /// <inheritdoc/>
    protected override int Parallelism => ThrottleLimit;

    private ObjectRestoreOptions Options =>
        new()
        {
            Cleaning = new CleaningOptions { KeepNodePort = KeepNodePort, KeepVolumeBinding = KeepVolumeBinding },
            Mapping = Mapping,
            Force = Force,
            Replace = Replace,
            RetryLimit = TimeSpan.FromSeconds(RetryTimeoutSeconds),
            RecordDirectory = RecordPath is null ? RecordsOfUser : Resolve(RecordPath),
        };

    /// <inheritdoc/>
    protected override async Task ProcessAsync(OperationContext context, CancellationToken cancellationToken)
    {
        foreach (var item in InputObject)
        {
            await TryAsync(() =>
            {
                _items.Add(Taken(item));
                return Task.CompletedTask;
            });
        }
    }

    /// <inheritdoc/>
    protected override async Task EndAsync(OperationContext context, CancellationToken cancellationToken)
    {
        if (_items.Count == 0)
        {
            return;
        }

        var operation = new RestoreObjectsOperation(context);
        if (IsWhatIf)
        {
            await operation.PlanAsync(Cluster, _items, Options, WriteObject, cancellationToken);
            return;
        }

        if (!await ShouldProcessAsync($"cluster '{Cluster.Name}'", $"Restore {_items.Count} objects"))
        {
            return;
        }

        var results = new ConcurrentQueue<ClusterObjectResult>();
        await operation.RunAsync(
            Cluster,
            _items,
            Options,
            result =>
            {
                results.Enqueue(result);
                WriteObject(result);
            },
            cancellationToken
        );
        if (Wait)
        {
            await new WorkloadWait(context).RunAsync(Cluster, results, TimeSpan.FromSeconds(WaitTimeoutSeconds), cancellationToken);
        }
    }
}
