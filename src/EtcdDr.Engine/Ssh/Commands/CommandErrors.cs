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
            detail.Length > 0
                ? Errors.RemoteCommandFailed_Said.With(command.Name, host, status, detail)
                : Errors.RemoteCommandFailed.With(command.Name, host, status),
            Errors.RemoteCommandFailed_Action,
            host
        );
    }

    /// <summary>The script has not begun: sudo or the login shell did not let it.</summary>
    public static EtcdDrException NotBegun(
        string host,
        string user,
        RemoteCommand command,
        int status,
        string foreword,
        string? shell,
        string error
    )
    {
        if (shell is not null)
        {
            return new EtcdDrException(
                "LoginShellUnsupported",
                EtcdDrErrorCategory.InvalidOperation,
                Errors.LoginShellUnsupported.With(user, host, shell),
                Errors.LoginShellUnsupported_Action.With(user, host),
                host
            );
        }

        // No secret yet: the script has said nothing.
        var open = command with
        {
            OutputIsSecret = false,
        };
        return status != 0
            ? Failed(host, user, open, status, error.Trim().Length > 0 ? error : foreword)
            : new EtcdDrException(
                "RemoteCommandFailed",
                EtcdDrErrorCategory.NotSpecified,
                Errors.RemoteCommandFailed_NotBegun.With(host, user, command.Name, Shown(foreword)),
                Errors.RemoteCommandFailed_NotBegun_Action.With(user, host),
                host
            );
    }

    public static EtcdDrException TimedOut(string host, RemoteCommand command) =>
        new(
            "RemoteCommandTimeout",
            EtcdDrErrorCategory.OperationTimeout,
            Errors.RemoteCommandTimeout.With(command.Name, host, Seconds(command.Timeout)),
            Errors.RemoteCommandTimeout_Action,
            host
        );

    public static EtcdDrException NoAnswer(string host, RemoteCommand command) =>
        new(
            "RemoteCommandTimeout",
            EtcdDrErrorCategory.OperationTimeout,
            Errors.RemoteCommandTimeout_NoAnswer.With(host, command.Name, Seconds(command.Timeout)),
            Errors.RemoteCommandTimeout_NoAnswer_Action,
            host
        );

    public static EtcdDrException Lost(string host, RemoteCommand command, Exception? cause = null) =>
        new(
            "ConnectionLost",
            EtcdDrErrorCategory.ConnectionError,
            cause is null
                ? Errors.ConnectionLost_Command.With(host, command.Name)
                : Errors.ConnectionLost_CommandBecause.With(host, command.Name, cause.Message.TrimEnd('.')),
            Errors.ConnectionLost_Command_Action,
            host,
            cause
        );

    public static EtcdDrException Broken(string host, RemoteCommand command, Exception cause) =>
        cause
            is Renci.SshNet.Common.SshException
                and not Renci.SshNet.Common.SshConnectionException
                and not Renci.SshNet.Common.SshOperationTimeoutException
            ? new EtcdDrException(
                "SshChannelRefused",
                EtcdDrErrorCategory.ResourceUnavailable,
                Errors.SshChannelRefused.With(host, command.Name, cause.Message),
                Errors.SshChannelRefused_Action,
                host,
                cause
            )
            : Lost(host, command, cause);

    public static EtcdDrException Killed(string host, RemoteCommand command, string signal) =>
        new(
            "RemoteCommandFailed",
            EtcdDrErrorCategory.NotSpecified,
            Errors.RemoteCommandFailed_Signal.With(command.Name, host, signal),
            Errors.RemoteCommandFailed_Signal_Action,
            host
        );

    public static EtcdDrException InputIgnored(string host, RemoteCommand command) =>
        new(
            "RemoteCommandFailed",
            EtcdDrErrorCategory.WriteError,
            Errors.RemoteCommandFailed_Input.With(command.Name, host),
            Errors.RemoteCommandFailed_Input_Action,
            host
        );

    public static EtcdDrException OutputTooLarge(string host, RemoteCommand command, int limit) =>
        new(
            "RemoteOutputTooLarge",
            EtcdDrErrorCategory.InvalidData,
            Errors.RemoteOutputTooLarge.With(command.Name, host, limit / (1024 * 1024)),
            Errors.RemoteOutputTooLarge_Action,
            host
        );

    public static EtcdDrException SudoPasswordRefused(string host, string user) =>
        new(
            "SudoPasswordRefused",
            EtcdDrErrorCategory.AuthenticationError,
            Errors.SudoPasswordRefused.With(host, user),
            Errors.SudoPasswordRefused_Action,
            host
        );

    private static EtcdDrException? SudoFailure(string host, string user, int status, string error)
    {
        if (status == 127 && error.Contains("sudo", StringComparison.Ordinal) && error.Contains("not found", StringComparison.Ordinal))
        {
            return new EtcdDrException(
                "SudoNotFound",
                EtcdDrErrorCategory.ObjectNotFound,
                Errors.SudoNotFound.With(host, user),
                Errors.SudoNotFound_Action,
                host
            );
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
                Errors.SudoPasswordRequired.With(host, user),
                Errors.SudoPasswordRequired_Action.With(user),
                host
            );
        }

        return RefusedBySudo(error)
            ? new EtcdDrException(
                "SudoRefused",
                EtcdDrErrorCategory.PermissionDenied,
                Errors.SudoRefused.With(host, user, Shown(error)),
                Errors.SudoRefused_Action.With(user),
                host
            )
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

    private static string Seconds(TimeSpan limit) =>
        limit.TotalSeconds == 1
            ? Errors.RemoteCommandTimeout_Second_Part
            : Errors.RemoteCommandTimeout_Seconds_Part.With(limit.TotalSeconds);
}
