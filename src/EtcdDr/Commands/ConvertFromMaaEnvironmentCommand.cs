using System.Management.Automation;
using EtcdDr.Engine.Clusters.Maa;
using EtcdDr.Engine.Operations;

namespace EtcdDr.Commands;

/// <summary>Makes a cluster of the profile out of a <c>maak8s.env</c> and a kubeconfig; never executes the file.</summary>
[Cmdlet(
    VerbsData.ConvertFrom,
    "MaaEnvironment",
    SupportsShouldProcess = true)]
[OutputType(typeof(MaaConversion))]
public sealed class ConvertFromMaaEnvironmentCommand : EtcdDrCmdlet
{
    /// <summary>The environment file of the MAA scripts.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>The cluster's kubeconfig.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNullOrEmpty]
    public string Kubeconfig { get; set; } = "";

    /// <summary>The context; the kubeconfig's current one where nothing is said.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Context { get; set; }

    /// <summary>The cluster's name in the profile.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = "primary";

    /// <summary>The profile to write or to add to.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string ProfilePath { get; set; } = "etcddr.yaml";

    /// <summary>Change keys of the cluster that say something else in the profile.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessAsync(OperationContext context, CancellationToken cancellationToken)
    {
        var profile = ResolvePath(ProfilePath);
        var converted = MaaProfile.Convert(ResolvePath(Path), ResolvePath(Kubeconfig), Context, profile, Name, Force);
        foreach (var note in converted.Conversion.NotCarriedOver)
        {
            context.Sink.Warning(note);
        }

        if (await ShouldProcessAsync(converted.Plan, $"{converted.Plan}\nGo on?", "ConvertFrom-MaaEnvironment"))
        {
            converted.Write();
            WriteObject(converted.Conversion);
        }
    }
}
