using System.Security;

namespace EtcdDr;

/// <summary>How to reach a host over SSH. Values that are null come from <c>~/.ssh/config</c>, then from OpenSSH's defaults.</summary>
public sealed record SshSettings
{
    /// <summary>User to log in as; needs sudo on nodes.</summary>
    public string? User { get; init; }

    /// <summary>TCP port; 22 where nothing else is said.</summary>
    public int? Port { get; init; }

    /// <summary>Private key file (OpenSSH, PEM, PKCS#8 or PuTTY).</summary>
    public string? KeyFile { get; init; }

    /// <summary>known_hosts file that host keys are checked against; <c>~/.ssh/known_hosts</c> where nothing else is said.</summary>
    public string? KnownHostsFile { get; init; }

    /// <summary>OpenSSH client configuration file to read; <c>~/.ssh/config</c> where nothing else is said, an empty string for
    /// none.</summary>
    public string? ConfigFile { get; init; }

    /// <summary>Jump hosts in the order in which they are passed, each <c>[user@]host[:port]</c>.</summary>
    public IReadOnlyList<string> JumpHosts { get; init; } = [];

    /// <summary>Limit for connecting and authenticating to one host, seconds.</summary>
    public int ConnectTimeoutSeconds { get; init; } = 15;

    /// <summary>Seconds between keepalive messages.</summary>
    public int KeepAliveSeconds { get; init; } = 15;

    /// <summary>Whether a running ssh-agent (SSH_AUTH_SOCK) may be asked for keys.</summary>
    public bool UseAgent { get; init; } = true;

    /// <summary>Passphrase of <see cref="KeyFile"/>. In memory only; never serialized.</summary>
    internal SecureString? KeyPassphrase { get; init; }

    /// <summary>Password for password and keyboard-interactive login. In memory only; never serialized.</summary>
    internal SecureString? Password { get; init; }

    /// <summary>Password that sudo asks for; sent through standard input. In memory only; never serialized.</summary>
    internal SecureString? SudoPassword { get; init; }

    /// <inheritdoc/>
    public override string ToString() => ObjectText.Of(this);
}
