namespace EtcdDr.Engine.Ssh;

/// <summary>Puts together settings, OpenSSH's client configuration and OpenSSH's defaults to what is needed to connect.</summary>
internal static class SshTargetResolver
{
    private static readonly string[] DefaultIdentities = ["id_ed25519", "id_ecdsa", "id_rsa"];

    /// <summary>What to connect to, and how.</summary>
    public static SshTarget Resolve(string name, string address, SshSettings settings)
    {
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        var ssh = Path.Combine(home, ".ssh");
        return new SshTarget
        {
            Name = name,
            Host = address,
            Port = settings.Port ?? 22,
            User = settings.User ?? Environment.UserName,
            KnownHostsFiles = settings.KnownHostsFile is { } file
                ? [file]
                : [Path.Combine(ssh, "known_hosts"), Path.Combine(ssh, "known_hosts2"), "/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"],
            Identities = settings.KeyFile is { } key
                ? [new SshIdentity(key, Required: true)]
                : [.. DefaultIdentities.Select(identity => new SshIdentity(Path.Combine(ssh, identity), Required: false))],
            AgentSocket = settings.UseAgent ? Environment.GetEnvironmentVariable("SSH_AUTH_SOCK") : null,
            KeyPassphrase = settings.KeyPassphrase,
            Password = settings.Password,
            SudoPassword = settings.SudoPassword,
            ConnectTimeout = TimeSpan.FromSeconds(settings.ConnectTimeoutSeconds),
            KeepAlive = TimeSpan.FromSeconds(settings.KeepAliveSeconds),
        };
    }
}
