using System.Net.Sockets;
using EtcdDr.Engine.Ssh.HostKeys;
using EtcdDr.Engine.Ssh.Keys;
using Renci.SshNet.Common;

namespace EtcdDr.Engine.Ssh.Connections;

/// <summary>The ways in which connecting fails, in words.</summary>
internal static class ConnectErrors
{
    /// <summary>What a failure of SSH.NET or of the network means.</summary>
    public static EtcdDrException Explain(
        Exception failure,
        SshTarget target,
        HostKeyCheck hostKey,
        AuthenticationPlan authentication,
        bool serverAnswered
    )
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
                    ? Errors.HostUnreachable_Login_Part.With(target.ConnectTimeout.TotalSeconds)
                    : Errors.HostUnreachable_Late_Part.With(target.ConnectTimeout.TotalSeconds),
                failure
            ),
            SshConnectionException e when e.Message.StartsWith("No matching", StringComparison.Ordinal) => NothingInCommon(target, e),
            SshConnectionException e when e.Message.StartsWith("Host key could not be verified", StringComparison.Ordinal) =>
                HostKeyErrors.SignatureInvalid(target, e),
            SshException e when e.Message.StartsWith("Subsystem 'sftp'", StringComparison.Ordinal) => NoSftp(target, e),
            _ when !serverAnswered => Unreachable(target, Errors.HostUnreachable_Closed_Part, failure),
            _ => Unreachable(target, Errors.HostUnreachable_Broke_Part.With(failure.Message.TrimEnd('.')), failure),
        };
    }

    private static EtcdDrException Unreachable(SshTarget target, string reason, Exception cause) =>
        new(
            "HostUnreachable",
            EtcdDrErrorCategory.ConnectionError,
            Errors.HostUnreachable.With(Named(target), reason),
            Errors.HostUnreachable_Action,
            target.Name,
            cause
        );

    private static EtcdDrException Refused(SshTarget target, AuthenticationPlan authentication, Exception cause) =>
        new(
            "SshAuthenticationFailed",
            EtcdDrErrorCategory.AuthenticationError,
            Errors.SshAuthenticationFailed.With(Named(target), target.User, cause.Message.TrimEnd('.'), authentication.Describe()),
            Errors.SshAuthenticationFailed_Action.With(target.User),
            target.Name,
            cause
        );

    private static EtcdDrException NothingInCommon(SshTarget target, Exception cause) =>
        new(
            "SshNegotiationFailed",
            EtcdDrErrorCategory.ConnectionError,
            Errors.SshNegotiationFailed.With(Named(target), cause.Message),
            Errors.SshNegotiationFailed_Action,
            target.Name,
            cause
        );

    private static EtcdDrException NoSftp(SshTarget target, Exception cause) =>
        new(
            "SftpUnavailable",
            EtcdDrErrorCategory.ResourceUnavailable,
            Errors.SftpUnavailable.With(Named(target), target.User),
            Errors.SftpUnavailable_Action.With(target.Name),
            target.Name,
            cause
        );

    /// <summary>A host does not forward connections, and nothing on it can carry them.</summary>
    public static EtcdDrException ForwardingRefused(SshTarget host, Exception cause) =>
        new(
            "ForwardingRefused",
            EtcdDrErrorCategory.PermissionDenied,
            Errors.ForwardingRefused.With(Named(host), host.User),
            Errors.ForwardingRefused_Action.With(host.User, host.Name),
            host.Name,
            cause
        );

    private static bool IsTooManyAttempts(SshConnectionException failure) =>
        failure.Message.Contains("Too many authentication failures", StringComparison.OrdinalIgnoreCase);

    private static string Reason(SocketException failure) =>
        failure.SocketErrorCode switch
        {
            SocketError.HostNotFound or SocketError.NoData => Errors.HostUnreachable_NameUnknown_Part,
            SocketError.TryAgain => Errors.HostUnreachable_NoDns_Part,
            SocketError.ConnectionRefused => Errors.HostUnreachable_Refused_Part,
            SocketError.TimedOut => Errors.HostUnreachable_NoAnswer_Part,
            SocketError.HostUnreachable => Errors.HostUnreachable_NoRoute_Part,
            SocketError.NetworkUnreachable => Errors.HostUnreachable_NoRouteToNetwork_Part,
            SocketError.ConnectionReset => Errors.HostUnreachable_Closed_Part,
            _ => failure.Message.TrimEnd('.'),
        };

    private static string Named(SshTarget target) => target.Name == target.Host ? target.Endpoint : $"{target.Name} ({target.Endpoint})";
}
