using System.Management.Automation;
using EtcdDr.Engine.Clusters;
using EtcdDr.Engine.Clusters.Profiles;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Commands;

/// <summary>Checks every file, key and name of a profile without a connection, and with <c>-Connect</c> the API, every hop, every node and
/// every host too.</summary>
[Cmdlet(VerbsDiagnostic.Test, "EtcdProfile")]
[OutputType(typeof(EtcdProfileCheck))]
public sealed class TestEtcdProfileCommand : EtcdDrNodeCmdlet
{
    private int _checks;
    private int _findings;

    /// <summary>The profile; found as Get-EtcdCluster finds it where it is left out.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public string? ProfilePath { get; set; }

    /// <summary>Connect too: to APIs, jump hosts, nodes and hosts. Nothing is changed there.</summary>
    [Parameter]
    public SwitchParameter Connect { get; set; }

    /// <summary>End with an error if there was a finding, after all checks.</summary>
    [Parameter]
    public SwitchParameter FailOnFinding { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessAsync(OperationContext context, CancellationToken cancellationToken)
    {
        // One that does not count is tested all the same: the check Trust says so.
        var named = ProfilePath is null ? null : ResolvePath(ProfilePath);
        var (path, _) = ProfileLocator.Locate(named, ResolvePath("."), counts: false);
        var inspection = new ProfileInspection(path, Secret, Emit);
        if (inspection.Run() is not { } profile || !Connect)
        {
            return;
        }

        var connections = new ProfileConnections(inspection, context, new SshHostFactory());
        foreach (var name in profile.Clusters)
        {
            await TryAsync(() => connections.ClusterAsync(EtcdClusterResolver.FromProfile(profile, name, null, Secret), cancellationToken));
        }

        foreach (var name in profile.Hosts)
        {
            await TryAsync(() => HostAsync(connections, profile, name, cancellationToken));
        }
    }

    /// <inheritdoc/>
    protected override Task EndAsync(OperationContext context, CancellationToken cancellationToken)
    {
        if (!FailOnFinding || _findings == 0)
        {
            return Task.CompletedTask;
        }

        throw new EtcdDrException(
            "ProfileFindings",
            EtcdDrErrorCategory.InvalidData,
            Errors.ProfileFindings.With(_findings, _checks),
            Errors.ProfileFindings_Action
        );
    }

    private Task HostAsync(ProfileConnections connections, EtcdProfile profile, string name, CancellationToken cancellationToken) =>
        EtcdClusterResolver.Host(profile, name, null, Secret) is var (address, ssh)
            ? connections.HostAsync(name, address, ssh, cancellationToken)
            : Task.CompletedTask;

    private void Emit(EtcdProfileCheck check)
    {
        Interlocked.Increment(ref _checks);
        if (!check.Success)
        {
            Interlocked.Increment(ref _findings);
        }

        WriteObject(check);
    }
}
