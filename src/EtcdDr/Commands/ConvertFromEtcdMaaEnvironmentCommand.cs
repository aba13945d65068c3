using System.Management.Automation;
using EtcdDr.Engine.Clusters.Maa;
using EtcdDr.Engine.Operations;

namespace EtcdDr.Commands;

/// <summary>Makes a cluster of the profile out of a <c>maak8s.env</c> and a kubeconfig; never executes the file.</summary>
[Cmdlet(VerbsData.ConvertFrom, "EtcdMaaEnvironment", SupportsShouldProcess = true, DefaultParameterSetName = "Path")]
[Alias("ConvertFrom-MaaEnvironment")]
[OutputType(typeof(MaaConversion))]
public sealed class ConvertFromEtcdMaaEnvironmentCommand : EtcdDrCmdlet
{
    /// <summary>The environment file of the MAA scripts; wildcards must fit one.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Path")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>The same as it stands: no character is a wildcard.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "LiteralPath")]
    [Alias("PSPath")]
    [ValidateNotNullOrEmpty]
    public string? LiteralPath { get; set; }

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
        var converted = MaaProfile.Convert(ResolveOne(Path, LiteralPath), ResolvePath(Kubeconfig), Context, profile, Name, Force);
        foreach (var note in converted.Conversion.NotCarriedOver)
        {
            context.Sink.Warning(note);
        }

        if (await ShouldProcessAsync(converted.Plan, $"{converted.Plan}\nGo on?", "ConvertFrom-EtcdMaaEnvironment"))
        {
            converted.Write();
            WriteObject(converted.Conversion);
        }
    }
}
