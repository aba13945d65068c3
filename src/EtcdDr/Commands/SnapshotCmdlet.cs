using System.Management.Automation;
using System.Security;
using EtcdDr.Engine.Clusters;
using EtcdDr.Engine.Clusters.Profiles;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Snapshots;
using EtcdDr.Engine.Ssh;
using DriveNotFoundException = System.Management.Automation.DriveNotFoundException;

namespace EtcdDr.Commands;

/// <summary>Base of cmdlets that look at snapshots here and on SSH hosts: places as users write them, and how hosts are reached.</summary>
public abstract class SnapshotCmdlet : EtcdDrCmdlet
{
    // Several places of one call are looked up in the same profile.
    private readonly HashSet<string> _warned = new(StringComparer.Ordinal);

    /// <summary>User to log in as on SSH hosts; a user in the place itself (<c>user@host:/dir</c>) goes first.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? SshUser { get; set; }

    /// <summary>SSH port.</summary>
    [Parameter]
    [ValidateRange(1, 65535)]
    public int? SshPort { get; set; }

    /// <summary>Private key file for SSH hosts.</summary>
    [Parameter]
    [Alias("IdentityFile")]
    [ValidateNotNullOrEmpty]
    public string? KeyFile { get; set; }

    /// <summary>Passphrase of the key file.</summary>
    [Parameter]
    public SecureString? KeyPassphrase { get; set; }

    /// <summary>known_hosts file that host keys are checked against.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? KnownHostsFile { get; set; }

    /// <summary>OpenSSH client configuration to read; an empty string for none.</summary>
    [Parameter]
    [AllowEmptyString]
    public string? SshConfigFile { get; set; }

    /// <summary>Profile whose <c>hosts</c> say how hosts are reached; found as Get-EtcdCluster finds it where it is left out.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ProfilePath { get; set; }

    /// <summary>Jump hosts in the order in which they are passed, each <c>[user@]host[:port]</c>.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? JumpHost { get; set; }

    /// <summary>User and password for password or keyboard-interactive login.</summary>
    [Parameter]
    [Credential]
    public PSCredential? Credential { get; set; }

    /// <summary>Connects to SSH hosts.</summary>
    private protected static IRemoteHostFactory Hosts { get; } = new SshHostFactory();

    /// <summary>The place that a user wrote: <c>[user@]host:/dir</c>, <c>sftp://...</c>, or a path of PowerShell's.</summary>
    private SnapshotLocation Locate(string text) => SnapshotLocation.IsRemote(text) && !IsOnDrive(text)
        ? SnapshotLocation.Parse(text)
        : SnapshotLocation.Parse(ResolvePath(text));

    /// <summary>A place and how its host is reached: by the parameters, then by the profile where that names the host.</summary>
    private protected (SnapshotLocation Location, SshSettings? Ssh) Reach(string text)
    {
        var location = Locate(text);
        if (location.Host is null)
        {
            return (location, null);
        }

        var (address, standard) = FromProfile(location.Host) ?? (location.Host, new SshSettings());
        return (location with { Host = address }, standard with
        {
            User = Credential?.UserName ?? SshUser ?? standard.User,
            Port = SshPort ?? standard.Port,
            KeyFile = KeyFile is null ? standard.KeyFile : ResolvePath(KeyFile),
            KeyPassphrase = KeyPassphrase ?? standard.KeyPassphrase,
            KnownHostsFile = KnownHostsFile is null ? standard.KnownHostsFile : ResolvePath(KnownHostsFile),
            ConfigFile = string.IsNullOrEmpty(SshConfigFile) ? SshConfigFile ?? standard.ConfigFile : ResolvePath(SshConfigFile),
            JumpHosts = JumpHost ?? standard.JumpHosts,
            Password = Credential?.Password ?? standard.Password,
        });
    }

    /// <summary>The snapshot that a place is.</summary>
    private protected Task<EtcdSnapshot> GetSnapshotAsync(string place, OperationContext context, CancellationToken cancellationToken)
    {
        var (location, ssh) = Reach(place);
        return new SnapshotCatalog(Hosts, context).GetAsync(location, ssh, cancellationToken);
    }

    /// <summary>The profile that <see cref="ProfilePath"/> names, or that is found.</summary>
    private protected EtcdProfile LoadProfile() =>
        EtcdProfile.Load(ProfileLocator.Find(ProfilePath is null ? null : ResolvePath(ProfilePath), ResolvePath("."), WarnOnce));

    /// <summary>What the profile says of a host; null if there is no profile, or it does not name the host.</summary>
    private (string Address, SshSettings Ssh)? FromProfile(string host)
    {
        try
        {
            return EtcdClusterResolver.Host(LoadProfile(), host);
        }
        catch (EtcdDrException e) when (e.ErrorId == "ProfileNotFound" && ProfilePath is null)
        {
            // Hosts need no profile: OpenSSH's own configuration serves them.
            return null;
        }
    }

    private void WarnOnce(string text)
    {
        if (_warned.Add(text))
        {
            WriteWarning(text);
        }
    }

    /// <summary>A drive of PowerShell's goes before a host of the same name, as for every other cmdlet.</summary>
    private bool IsOnDrive(string text)
    {
        var name = text[..text.IndexOf(':', StringComparison.Ordinal)];
        return !name.Contains('@', StringComparison.Ordinal) && !name.Contains('[', StringComparison.Ordinal)
            && OnPipelineThreadAsync(() => HasDrive(name)).GetAwaiter().GetResult();
    }

    private bool HasDrive(string name)
    {
        try
        {
            return SessionState.Drive.Get(name) is not null;
        }
        catch (DriveNotFoundException)
        {
            return false;
        }
    }
}
