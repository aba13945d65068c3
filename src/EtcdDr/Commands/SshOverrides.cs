using System.Management.Automation;
using System.Security;

namespace EtcdDr.Commands;

/// <summary>How SSH hosts are reached as far as parameters say it; what is null comes from the profile, then from OpenSSH's configuration.
/// Paths are absolute.</summary>
internal sealed record SshOverrides
{
    /// <summary>User to log in as.</summary>
    public string? User { get; init; }

    /// <summary>TCP port.</summary>
    public int? Port { get; init; }

    /// <summary>Private key file.</summary>
    public string? KeyFile { get; init; }

    /// <summary>Passphrase of the key file.</summary>
    public SecureString? KeyPassphrase { get; init; }

    /// <summary>known_hosts file.</summary>
    public string? KnownHostsFile { get; init; }

    /// <summary>OpenSSH client configuration; empty for none.</summary>
    public string? ConfigFile { get; init; }

    /// <summary>Jump hosts in order.</summary>
    public string[]? JumpHosts { get; init; }

    /// <summary>User and password.</summary>
    public PSCredential? Credential { get; init; }
}
