using System.Management.Automation;
using EtcdDr.Engine.Etcd.Members;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Commands;

/// <summary>Takes the member of a control-plane node out of etcd, also one whose node is gone.</summary>
[Cmdlet(VerbsCommon.Remove, "EtcdMember", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(EtcdMemberStatus))]
public sealed class RemoveEtcdMemberCommand : MemberCommand
{
    private protected override string Caption => "Remove-EtcdMember";

    private protected override Task<PreparedMember> PrepareAsync(
        OperationContext context,
        SshHostFactory hosts,
        CancellationToken cancellationToken
    ) => new RemoveMemberOperation(context, hosts).PrepareAsync(Cluster, Node, Options, cancellationToken);

    private protected override Task<IReadOnlyList<EtcdMemberStatus>> ExecuteAsync(
        OperationContext context,
        SshHostFactory hosts,
        PreparedMember prepared,
        CancellationToken cancellationToken
    ) => new RemoveMemberOperation(context, hosts).ExecuteAsync(prepared, Options, cancellationToken);
}
