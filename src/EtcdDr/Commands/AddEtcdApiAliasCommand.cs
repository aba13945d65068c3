using System.Management.Automation;
using EtcdDr.Engine.ControlPlane.Alias;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Commands;

/// <summary>Gives the front end of a kube API one more host name, or takes it back.</summary>
[Cmdlet(VerbsCommon.Add, "EtcdApiAlias", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High, DefaultParameterSetName = "Add")]
[Alias("Add-KubeApiAlias")]
[OutputType(typeof(KubeApiAlias))]
public sealed class AddEtcdApiAliasCommand : ClusterCmdlet
{
    /// <summary>The host name, in lower case.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidatePattern(
        @"\A(?=.{1,253}\z)(?!(\d+\.)*\d+\z)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*\z",
        Options = System.Text.RegularExpressions.RegexOptions.None
    )]
    public string Alias { get; set; } = "";

    /// <summary>Switch kubeconfigs of nodes and of this machine, cluster-info, kube-proxy's and kubeadm's configuration to the
    /// name.</summary>
    [Parameter(ParameterSetName = "Add")]
    public SwitchParameter SwitchKubeconfig { get; set; }

    /// <summary>Restart apiservers, one after the other, even where they load the certificate by themselves.</summary>
    [Parameter]
    public SwitchParameter RestartApiServer { get; set; }

    /// <summary>Put back what adding the name has replaced.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Undo")]
    public SwitchParameter Undo { get; set; }

    /// <summary>Limit for each wait, seconds.</summary>
    [Parameter]
    [ValidateRange(10, 3600)]
    public int TimeoutSeconds { get; set; } = 180;

    /// <inheritdoc/>
    protected override TimeSpan CleanUpLimit => TimeSpan.FromMinutes(5);

    /// <inheritdoc/>
    protected override async Task ProcessAsync(OperationContext context, CancellationToken cancellationToken)
    {
        var operation = new AliasOperation(context, new SshHostFactory());
        var options = new AliasOptions(Alias)
        {
            Switch = SwitchKubeconfig,
            Restart = RestartApiServer,
            Timeout = TimeSpan.FromSeconds(TimeoutSeconds),
        };
        if (Undo)
        {
            if (
                await ShouldProcessAsync(
                    Cluster.Name,
                    $"Put back certificates, configuration and kubeconfigs from before '{Alias}' was added"
                )
            )
            {
                WriteObject(await operation.UndoAsync(Cluster, options, cancellationToken));
            }

            return;
        }

        await using var plan = await operation.PlanAsync(Cluster, options, cancellationToken);
        if (plan.IsEmpty || await ShouldProcessAsync(plan.Text, $"{plan.Text}\nGo on?", "Add-EtcdApiAlias"))
        {
            WriteObject(await operation.AddAsync(plan, cancellationToken));
        }
    }
}
