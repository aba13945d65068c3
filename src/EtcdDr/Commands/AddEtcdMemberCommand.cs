using System.Management.Automation;
using EtcdDr.Engine.Etcd.Members;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Commands;

/// <summary>Brings the member of a control-plane node into etcd: without a vote first, with one when it has the leader's log.</summary>
[Cmdlet(VerbsCommon.Add, "EtcdMember", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(EtcdMemberStatus))]
public sealed class AddEtcdMemberCommand : MemberCommand
{
    /// <summary>Limit for the new member to have the leader's log, seconds.</summary>
    [Parameter]
    [ValidateRange(10, 86400)]
    public int SyncTimeoutSeconds { get; set; } = 600;

    /// <summary>A member that could not be brought in is taken out of the list again.</summary>
    protected override TimeSpan CleanUpLimit => TimeSpan.FromMinutes(4);

    private protected override string Caption => "Add-EtcdMember";

    private protected override MemberOptions Options => base.Options with { SyncTimeout = TimeSpan.FromSeconds(SyncTimeoutSeconds) };

    private protected override Task<PreparedMember> PrepareAsync(
        OperationContext context,
        SshHostFactory hosts,
        CancellationToken cancellationToken
    ) => new AddMemberOperation(context, hosts).PrepareAsync(Cluster, Node, Options, cancellationToken);

    private protected override Task<IReadOnlyList<EtcdMemberStatus>> ExecuteAsync(
        OperationContext context,
        SshHostFactory hosts,
        PreparedMember prepared,
        CancellationToken cancellationToken
    ) => new AddMemberOperation(context, hosts).ExecuteAsync(prepared, Options, cancellationToken);
}
