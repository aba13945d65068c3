using System.Management.Automation;
using EtcdDr.Completion;
using EtcdDr.Engine.Clusters.Profiles;
using EtcdDr.Engine.Operations;

namespace EtcdDr.Commands;

/// <summary>Writes a profile for one cluster, with comments, from a kubeconfig and an SSH user. Nothing is asked and nothing is connected
/// to.</summary>
[Cmdlet(VerbsCommon.New, "EtcdProfile", SupportsShouldProcess = true)]
[OutputType(typeof(EtcdProfileInfo))]
public sealed class NewEtcdProfileCommand : EtcdDrCmdlet
{
    /// <summary>The cluster's kubeconfig.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Kubeconfig { get; set; } = "";

    /// <summary>User to log in to the nodes as, who has sudo there.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNullOrEmpty]
    public string SshUser { get; set; } = "";

    /// <summary>The cluster's name in the profile.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = "primary";

    /// <summary>The context in the kubeconfig; its current one where it is left out.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(KubeContextCompleter))]
    public string? Context { get; set; }

    /// <summary>Private key for SSH; those of ~/.ssh and the agent where it is left out.</summary>
    [Parameter]
    [Alias("IdentityFile")]
    [ValidateNotNullOrEmpty]
    public string? KeyFile { get; set; }

    /// <summary>The file to write; ~/.config/etcddr/etcddr.yaml where it is left out.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ProfilePath { get; set; }

    /// <summary>Replace a profile that is there.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessAsync(OperationContext context, CancellationToken cancellationToken)
    {
        var path = ProfilePath is null ? ProfileLocator.UserPath : ResolvePath(ProfilePath);
        var kubeconfig = Engine.Kube.Kubeconfig.Load(ResolvePath(Kubeconfig));
        _ = kubeconfig.Context(Context);
        var text = ProfileTemplate.Write(Name, kubeconfig.Path, Context, SshUser, KeyFile is null ? null : ResolvePath(KeyFile));
        if (!await ShouldProcessAsync(path, $"Write a profile for cluster '{Name}'"))
        {
            return;
        }

        WriteObject(GetEtcdProfileCommand.Info(ProfileFileWriter.Write(path, text, Force), "Parameter"));
    }
}
