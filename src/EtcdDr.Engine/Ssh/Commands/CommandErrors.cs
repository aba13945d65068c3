namespace EtcdDr.Engine.Ssh.Commands;

/// <summary>The ways in which a remote command fails, in words.</summary>
internal static class CommandErrors
{
    private const int ShownLines = 6;

    public static EtcdDrException Failed(string host, string user, RemoteCommand command, int status, string error)
    {
        if (command.AsRoot && SudoFailure(host, user, status, error) is { } sudo)
            return sudo;

        var detail = command.OutputIsSecret ? string.Empty : Shown(error);
        return new EtcdDrException(
            "RemoteCommandFailed",
            EtcdDrErrorCategory.NotSpecified,
            $"The command {command.Name} on {host} ended with status {status}{(detail.Length > 0 ? ": " + detail : ".")}",
            "Look at the message of the command and at the node; what the command does stands in docs/remote-commands.md.",
            host);
    }

    public static EtcdDrException TimedOut(string host, RemoteCommand command) => new(
        "RemoteCommandTimeout",
        EtcdDrErrorCategory.OperationTimeout,
        $"The command {command.Name} on {host} did not end within its limit of {Seconds(command.Timeout)} and was ended there.",
        "See whether the node is overloaded or its disk hangs, then run the operation again.",
        host);

    public static EtcdDrException NoAnswer(string host, RemoteCommand command) => new(
        "RemoteCommandTimeout",
        EtcdDrErrorCategory.OperationTimeout,
        $"{host} gave no answer to the command {command.Name}, whose limit is {Seconds(command.Timeout)}: the connection or the node hangs.",
        "See whether the node is up and reachable, then run the operation again.",
        host);

    public static EtcdDrException Lost(string host, RemoteCommand command, Exception? cause = null) => new(
        "ConnectionLost",
        EtcdDrErrorCategory.ConnectionError,
        $"The SSH connection to {host} broke while the command {command.Name} ran, so how it ended is not known{Because(cause)}.",
        "See whether the node is up and reachable, then run the operation again.",
        host,
        cause);

    public static EtcdDrException Broken(string host, RemoteCommand command, Exception cause) =>
        cause is Renci.SshNet.Common.SshException and not Renci.SshNet.Common.SshConnectionException and not Renci.SshNet.Common.SshOperationTimeoutException
            ? new EtcdDrException(
                "SshChannelRefused",
                EtcdDrErrorCategory.ResourceUnavailable,
                $"The SSH server of {host} did not let the command {command.Name} start: {cause.Message}",
                "Raise MaxSessions in the server's sshd_config if it is below 10, and see that the login shell of the user may run commands.",
                host,
                cause)
            : Lost(host, command, cause);

    public static EtcdDrException Killed(string host, RemoteCommand command, string signal) => new(
        "RemoteCommandFailed",
        EtcdDrErrorCategory.NotSpecified,
        $"The command {command.Name} on {host} was ended by signal {signal}.",
        "See whether the node ran out of memory (dmesg) or somebody ended the process, then run the operation again.",
        host);

    public static EtcdDrException InputIgnored(string host, RemoteCommand command) => new(
        "RemoteCommandFailed",
        EtcdDrErrorCategory.WriteError,
        $"The command {command.Name} on {host} ended before it had taken all of its input.",
        "See whether the disk of the node is full, then run the operation again.",
        host);

    public static EtcdDrException OutputTooLarge(string host, RemoteCommand command, int limit) => new(
        "RemoteOutputTooLarge",
        EtcdDrErrorCategory.InvalidData,
        $"The command {command.Name} on {host} wrote more than {limit / (1024 * 1024)} MiB, which is more than such a command can mean to write.",
        "Look at what the command reads on the node; docs/remote-commands.md shows it.",
        host);

    public static EtcdDrException SudoPasswordRefused(string host, string user) => new(
        "SudoPasswordRefused",
        EtcdDrErrorCategory.AuthenticationError,
        $"sudo on {host} did not accept the password given for {user}.",
        "Give the right password with -SudoCredential.",
        host);

    private static EtcdDrException? SudoFailure(string host, string user, int status, string error)
    {
        if (status == 127 && error.Contains("sudo", StringComparison.Ordinal) && error.Contains("not found", StringComparison.Ordinal))
        {
            return new EtcdDrException(
                "SudoNotFound",
                EtcdDrErrorCategory.ObjectNotFound,
                $"There is no sudo on {host}, and {user} is not root.",
                "Install sudo on the node, or log in as root.",
                host);
        }

        if (status != 1)
            return null;

        // sudoers with passwd_tries=1 gives no second prompt to tell a wrong password by.
        if (error.Contains("incorrect password attempt", StringComparison.Ordinal))
            return SudoPasswordRefused(host, user);

        if (error.Contains("sudo: a password is required", StringComparison.Ordinal))
        {
            return new EtcdDrException(
                "SudoPasswordRequired",
                EtcdDrErrorCategory.AuthenticationError,
                $"sudo on {host} asks {user} for a password.",
                $"Allow '{user} ALL=(root) NOPASSWD: ALL' in /etc/sudoers.d on the node, or give the password with -SudoCredential.",
                host);
        }

        return RefusedBySudo(error)
            ? new EtcdDrException(
                "SudoRefused",
                EtcdDrErrorCategory.PermissionDenied,
                $"sudo on {host} does not let {user} run commands as root: {Shown(error)}",
                $"Allow '{user} ALL=(root) NOPASSWD: ALL' in /etc/sudoers.d on the node, without requiretty.",
                host)
            : null;
    }

    private static bool RefusedBySudo(string error) =>
        error.Contains("is not in the sudoers file", StringComparison.Ordinal)
        || error.Contains("is not allowed to execute", StringComparison.Ordinal)
        || error.Contains("may not run sudo", StringComparison.Ordinal)
        || error.Contains("you must have a tty to run sudo", StringComparison.Ordinal)
        || error.Contains("sudo: account validation failure", StringComparison.Ordinal)
        || error.Contains("sudo: PAM account management error", StringComparison.Ordinal);

    /// <summary>The last lines of a message, on one line.</summary>
    internal static string Shown(string error)
    {
        var lines = error.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return string.Join("; ", lines.TakeLast(ShownLines));
    }

    private static string Seconds(TimeSpan limit) => limit.TotalSeconds == 1 ? "1 second" : $"{limit.TotalSeconds:0.#} seconds";

    private static string Because(Exception? cause) => cause is null ? string.Empty : $" ({cause.Message.TrimEnd('.')})";
}
