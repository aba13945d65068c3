using System.Management.Automation;
using EtcdDr.Engine.Clusters.Profiles;
using EtcdDr.Engine.Operations;

namespace EtcdDr.Commands;

/// <summary>Shows which profile is used, why that one, and what it names.</summary>
[Cmdlet(VerbsCommon.Get, "EtcdProfile")]
[OutputType(typeof(EtcdProfileInfo))]
public sealed class GetEtcdProfileCommand : EtcdDrCmdlet
{
    /// <summary>The profile; found as Get-EtcdCluster finds it where it is left out.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public string? ProfilePath { get; set; }

    /// <inheritdoc/>
    protected override Task ProcessAsync(OperationContext context, CancellationToken cancellationToken)
    {
        var named = ProfilePath is null ? null : ResolvePath(ProfilePath);
        var (path, source) = ProfileLocator.Locate(named, ResolvePath("."), counts: true, context.Sink.Warning);
        WriteObject(Info(EtcdProfile.Load(path), source));
        return Task.CompletedTask;
    }

    /// <summary>What is emitted of a profile.</summary>
    internal static EtcdProfileInfo Info(EtcdProfile profile, string source) =>
        new()
        {
            Path = profile.Path,
            Source = source,
            Clusters = profile.Clusters,
            Hosts = [.. profile.Hosts],
            Places = [.. profile.Places.Select(p => p.Name)],
        };
}
