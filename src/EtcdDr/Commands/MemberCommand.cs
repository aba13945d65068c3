using System.Management.Automation;
using EtcdDr.Completion;
using EtcdDr.Engine.Etcd.Members;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Commands;

/// <summary>What bringing a member into etcd and taking one out have in common.</summary>
public abstract class MemberCommand : EtcdDrNodeCmdlet
{
    /// <summary>The cluster.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ValidateNotNull]
    [ClusterByName]
    [ArgumentCompleter(typeof(ClusterNameCompleter))]
    public EtcdCluster Cluster { get; set; } = null!;

    /// <summary>The control-plane node.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ControlPlaneNodeCompleter))]
    public string Node { get; set; } = null!;

    /// <summary>A node of the etcd that is meant, where the nodes run several.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ControlPlaneNodeCompleter))]
    public string? Peer { get; set; }

    /// <summary>Limit for each wait, seconds.</summary>
    [Parameter]
    [ValidateRange(10, 3600)]
    public int StepTimeoutSeconds { get; set; } = 180;

    /// <summary>End whoever holds the cluster's lock; only if you know that it is dead.</summary>
    [Parameter]
    public SwitchParameter BreakLock { get; set; }

    /// <summary>Kill containers of the control plane that will not stop, those containers alone.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>What the operator chose.</summary>
    private protected virtual MemberOptions Options =>
        new()
        {
            Peer = Peer,
            BreakLock = BreakLock,
            Force = Force,
            StepTimeout = TimeSpan.FromSeconds(StepTimeoutSeconds),
        };

    /// <summary>Name of the cmdlet, for the question.</summary>
    private protected abstract string Caption { get; }

    /// <summary>Reads and plans.</summary>
    private protected abstract Task<PreparedMember> PrepareAsync(
        OperationContext context,
        SshHostFactory hosts,
        CancellationToken cancellationToken
    );

    /// <summary>Does it.</summary>
    private protected abstract Task<IReadOnlyList<EtcdMemberStatus>> ExecuteAsync(
        OperationContext context,
        SshHostFactory hosts,
        PreparedMember prepared,
        CancellationToken cancellationToken
    );

    /// <inheritdoc/>
    protected override async Task ProcessAsync(OperationContext context, CancellationToken cancellationToken)
    {
        var hosts = new SshHostFactory();
        await using var prepared = await PrepareAsync(context, hosts, cancellationToken);
        if (await ShouldProcessAsync(prepared.Plan, prepared.Question, Caption))
        {
            WriteObject(await ExecuteAsync(context, hosts, prepared, cancellationToken), enumerateCollection: true);
        }
    }
}
