using System.Management.Automation;
using System.Security;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Commands;

/// <summary>Base of cmdlets that look at snapshots here and on SSH hosts: what their parameters say of how hosts are reached.</summary>
public abstract class SnapshotCmdlet : EtcdDrCmdlet
{
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

    /// <inheritdoc/>
    internal override string? NamedProfile => ProfilePath is null ? null : Resolve(ProfilePath);

    /// <inheritdoc/>
    private protected override SshOverrides SshParameters =>
        new()
        {
            User = SshUser,
            Port = SshPort,
            KeyFile = KeyFile is null ? null : Resolve(KeyFile),
            KeyPassphrase = KeyPassphrase,
            KnownHostsFile = KnownHostsFile is null ? null : Resolve(KnownHostsFile),
            ConfigFile = string.IsNullOrEmpty(SshConfigFile) ? SshConfigFile : Resolve(SshConfigFile),
            JumpHosts = JumpHost,
            Credential = Credential,
        };
}
