using System.Net.Sockets;
using EtcdDr.Engine.Ssh.HostKeys;
using EtcdDr.Engine.Ssh.Keys;
using Renci.SshNet.Common;

namespace EtcdDr.Engine.Ssh.Connections;

/// <summary>The ways in which connecting fails, in words.</summary>
internal static class ConnectErrors
{
    /// <summary>What a failure of SSH.NET or of the network means.</summary>
    public static EtcdDrException Explain(Exception failure, SshTarget target, HostKeyCheck hostKey, AuthenticationPlan authentication, bool serverAnswered)
    {
        if (hostKey.Failure is { } untrusted)
            return untrusted;

        return failure switch
        {
            EtcdDrException known => known,
            SshAuthenticationException e => Refused(target, authentication, e),
            SshConnectionException e when IsTooManyAttempts(e) => Refused(target, authentication, e),
            SocketException e => Unreachable(target, Reason(e), e),
            TimeoutException or SshOperationTimeoutException or OperationCanceledException => Unreachable(
                target,
                serverAnswered
                    ? $"the SSH server answered, but login was not complete after {target.ConnectTimeout.TotalSeconds:0} seconds"
                    : $"no answer within {target.ConnectTimeout.TotalSeconds:0} seconds",
                failure),
            SshConnectionException e when e.Message.StartsWith("No matching", StringComparison.Ordinal) => NothingInCommon(target, e),
            SshConnectionException e when e.Message.StartsWith("Host key could not be verified", StringComparison.Ordinal) => HostKeyErrors.SignatureInvalid(target, e),
            _ when !serverAnswered => Unreachable(target, "the connection was closed before an SSH server showed itself", failure),
            _ => Unreachable(target, "the connection broke during login: " + failure.Message.TrimEnd('.'), failure),
        };
    }

    private static EtcdDrException Unreachable(SshTarget target, string reason, Exception cause) => new(
        "HostUnreachable",
        EtcdDrErrorCategory.ConnectionError,
        $"{Named(target)} cannot be reached over SSH: {reason}.",
        "See that the address, the port and the jump hosts are right, that the host is up, and that no firewall stands between.",
        target.Name,
        cause);

    private static EtcdDrException Refused(SshTarget target, AuthenticationPlan authentication, Exception cause) => new(
        "SshAuthenticationFailed",
        EtcdDrErrorCategory.AuthenticationError,
        $"{Named(target)} refused the login of {target.User}: {cause.Message.TrimEnd('.')}. Tried: {authentication.Describe()}.",
        $"See that the user name is right and that the public key stands in ~{target.User}/.ssh/authorized_keys on the host; "
            + "name the right key with the profile's keyFile or -KeyFile.",
        target.Name,
        cause);

    private static EtcdDrException NothingInCommon(SshTarget target, Exception cause) => new(
        "SshNegotiationFailed",
        EtcdDrErrorCategory.ConnectionError,
        $"{Named(target)} and this module have no algorithm in common. {cause.Message}",
        "The server offers only algorithms that are no longer safe: update it or widen its sshd_config.",
        target.Name,
        cause);

    private static bool IsTooManyAttempts(SshConnectionException failure) =>
        failure.Message.Contains("Too many authentication failures", StringComparison.OrdinalIgnoreCase);

    private static string Reason(SocketException failure) => failure.SocketErrorCode switch
    {
        SocketError.HostNotFound or SocketError.NoData => "its name is not known to DNS",
        SocketError.TryAgain => "its name cannot be looked up at the moment, because DNS does not answer",
        SocketError.ConnectionRefused => "the connection was refused, so nothing listens on that port",
        SocketError.TimedOut => "no answer",
        SocketError.HostUnreachable => "there is no route to the host, or the host is down",
        SocketError.NetworkUnreachable => "there is no route to its network",
        SocketError.ConnectionReset => "the connection was closed before an SSH server showed itself",
        _ => failure.Message.TrimEnd('.'),
    };

    private static string Named(SshTarget target) => target.Name == target.Host ? target.Endpoint : $"{target.Name} ({target.Endpoint})";
}
