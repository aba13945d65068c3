using System.Management.Automation;
using System.Security;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Snapshots;
using EtcdDr.Engine.Ssh;
using DriveNotFoundException = System.Management.Automation.DriveNotFoundException;

namespace EtcdDr.Commands;

/// <summary>Base of cmdlets that look at snapshots here and on SSH hosts: places as users write them, and how hosts are reached.</summary>
public abstract class SnapshotCmdlet : EtcdDrCmdlet
{
    /// <summary>User to log in as on SSH hosts; a user in the place itself (<c>user@host:/dir</c>) goes first.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? UserName { get; set; }

    /// <summary>SSH port.</summary>
    [Parameter]
    [ValidateRange(1, 65535)]
    public int? Port { get; set; }

    /// <summary>Private key file for SSH hosts.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? KeyFile { get; set; }

    /// <summary>Passphrase of the key file.</summary>
    [Parameter]
    public SecureString? KeyPassphrase { get; set; }

    /// <summary>known_hosts file that host keys are checked against.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? KnownHostsFile { get; set; }

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
    private protected SnapshotLocation Locate(string text) => SnapshotLocation.IsRemote(text) && !IsOnDrive(text)
        ? SnapshotLocation.Parse(text)
        : SnapshotLocation.Parse(ResolvePath(text));

    /// <summary>How the host of a place is reached; null for this machine.</summary>
    private protected SshSettings? SshFor(SnapshotLocation location) => location.Host is null ? null : new SshSettings
    {
        User = Credential?.UserName ?? UserName,
        Port = Port,
        KeyFile = KeyFile is null ? null : ResolvePath(KeyFile),
        KeyPassphrase = KeyPassphrase,
        KnownHostsFile = KnownHostsFile is null ? null : ResolvePath(KnownHostsFile),
        JumpHosts = JumpHost ?? [],
        Password = Credential?.Password,
    };

    /// <summary>The snapshot that a place is.</summary>
    private protected Task<EtcdSnapshot> GetSnapshotAsync(string place, OperationContext context, CancellationToken cancellationToken)
    {
        var location = Locate(place);
        return new SnapshotCatalog(Hosts, context).GetAsync(location, SshFor(location), cancellationToken);
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
