using System.Security;

namespace EtcdDr.Engine.Ssh;

/// <summary>One host and all that is needed to connect to it, after settings and OpenSSH's configuration were put together.</summary>
internal sealed record SshTarget
{
    /// <summary>The node's or host's name, for messages.</summary>
    public required string Name { get; init; }

    /// <summary>Host name or IP that is connected to.</summary>
    public required string Host { get; init; }

    /// <summary>TCP port.</summary>
    public int Port { get; init; } = 22;

    /// <summary>User to log in as.</summary>
    public required string User { get; init; }

    /// <summary>The name to look up in known_hosts in place of host and port; null for those.</summary>
    public string? HostKeyAlias { get; init; }

    /// <summary>known_hosts files, in the order in which they are read. Files that are not there are passed over.</summary>
    public required IReadOnlyList<string> KnownHostsFiles { get; init; }

    /// <summary>Private key files, in the order in which they are tried.</summary>
    public IReadOnlyList<SshIdentity> Identities { get; init; } = [];

    /// <summary>Certificates of the user, besides those that stand beside a key file.</summary>
    public IReadOnlyList<string> CertificateFiles { get; init; } = [];

    /// <summary>Whether the agent may only be asked for keys of <see cref="Identities"/>.</summary>
    public bool IdentitiesOnly { get; init; }

    /// <summary>The socket of the ssh-agent; null if none is to be asked.</summary>
    public string? AgentSocket { get; init; }

    /// <summary>Passphrase of the private key files.</summary>
    public SecureString? KeyPassphrase { get; init; }

    /// <summary>Password for password and keyboard-interactive login.</summary>
    public SecureString? Password { get; init; }

    /// <summary>Password that sudo asks for.</summary>
    public SecureString? SudoPassword { get; init; }

    /// <summary>Limit for connecting and authenticating.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Time between signs of life on an idle connection.</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>The hosts that are passed on the way, in that order.</summary>
    public IReadOnlyList<SshTarget> JumpHosts { get; init; } = [];

    /// <summary>Host and port as messages show them.</summary>
    public string Endpoint =>
        Port == 22 ? Host
        : Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}"
        : $"{Host}:{Port}";
}
