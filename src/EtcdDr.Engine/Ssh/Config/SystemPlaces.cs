namespace EtcdDr.Engine.Ssh.Config;

/// <summary>Where OpenSSH has its files for all users, and its agent: <c>/etc/ssh</c> and <c>$SSH_AUTH_SOCK</c>, on Windows
/// <c>%ProgramData%\ssh</c> and a named pipe.</summary>
/// <param name="ConfigFile">Client configuration.</param>
/// <param name="KnownHosts">known_hosts files.</param>
/// <param name="Agent">The agent's socket or pipe; null where there is none.</param>
internal sealed record SystemPlaces(string ConfigFile, IReadOnlyList<string> KnownHosts, string? Agent)
{
    /// <summary>What the names of Windows' pipes begin with.</summary>
    public const string PipePrefix = @"\\.\pipe\";

    /// <summary>Those of this machine.</summary>
    public static SystemPlaces Here => Of(OperatingSystem.IsWindows(), Environment.GetEnvironmentVariable);

    /// <summary>Those of a machine of either kind.</summary>
    internal static SystemPlaces Of(bool windows, Func<string, string?> environment)
    {
        var agent = environment("SSH_AUTH_SOCK") is { Length: > 0 } named ? named : null;
        if (!windows)
        {
            return new SystemPlaces("/etc/ssh/ssh_config", ["/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"], agent);
        }

        var directory = (environment("ProgramData") is { Length: > 0 } data ? data.TrimEnd('\\') : @"C:\ProgramData") + @"\ssh\";
        return new SystemPlaces(
            directory + "ssh_config",
            [directory + "ssh_known_hosts", directory + "ssh_known_hosts2"],
            agent ?? PipePrefix + "openssh-ssh-agent"
        );
    }
}
