using System.Net.Sockets;
using System.Security.Authentication;
using Grpc.Core;

namespace EtcdDr.Engine.Etcd;

/// <summary>Turns what gRPC says into errors for the operator.</summary>
internal static class EtcdErrors
{
    /// <summary>The error for a failed call.</summary>
    /// <param name="exception">What gRPC threw.</param>
    /// <param name="node">The node.</param>
    /// <param name="endpoint">The member's URL as the node sees it.</param>
    /// <param name="certificateRefusal">Why the server's certificate was refused, if it was.</param>
    public static EtcdDrException From(RpcException exception, string node, Uri endpoint, string? certificateRefusal)
    {
        var at = At(endpoint);
        if (certificateRefusal is not null)
        {
            return new EtcdDrException(
                "EtcdCertificateInvalid",
                EtcdDrErrorCategory.SecurityError,
                Errors.EtcdCertificateInvalid.With(node, at, certificateRefusal),
                Errors.EtcdCertificateInvalid_Action,
                node,
                exception
            );
        }

        if (Causes(exception).OfType<AuthenticationException>().Any() || MentionsTlsAlert(exception))
        {
            return new EtcdDrException(
                "EtcdClientCertificateRefused",
                EtcdDrErrorCategory.AuthenticationError,
                Errors.EtcdClientCertificateRefused.With(node, at, Deepest(exception)),
                Errors.EtcdClientCertificateRefused_Action,
                node,
                exception
            );
        }

        return FromStatus(exception, node, at);
    }

    /// <summary>The error for a call that had no answer within its time limit.</summary>
    public static EtcdDrException Late(string node, Uri endpoint, Exception exception) =>
        Timeout(node, Errors.EtcdTimeout.With(node, At(endpoint)), exception);

    /// <summary>Whether the same call may well succeed a moment later.</summary>
    public static bool IsTransient(RpcException exception) =>
        exception.StatusCode == StatusCode.Unavailable
        && !Causes(exception).OfType<AuthenticationException>().Any()
        && !MentionsTlsAlert(exception);

    private static EtcdDrException FromStatus(RpcException exception, string node, string at)
    {
        var detail = exception.Status.Detail;
        return exception.StatusCode switch
        {
            _ when detail.Contains("no leader", StringComparison.Ordinal) => new EtcdDrException(
                "EtcdNoLeader",
                EtcdDrErrorCategory.InvalidOperation,
                Errors.EtcdNoLeader.With(node, at),
                Errors.EtcdNoLeader_Action,
                node,
                exception
            ),
            _ when MembershipRefusal.Of(detail) != MembershipRefusalKind.None => new EtcdDrException(
                "EtcdMembershipRefused",
                EtcdDrErrorCategory.InvalidOperation,
                Errors.EtcdMembershipRefused.With(node, at, detail),
                Errors.EtcdMembershipRefused_Action,
                node,
                exception
            ),
            StatusCode.DeadlineExceeded => Timeout(node, Errors.EtcdTimeout.With(node, at), exception),
            StatusCode.Unavailable when detail.Contains("timed out", StringComparison.Ordinal) => Timeout(
                node,
                Errors.EtcdTimeout_GaveUp.With(node, at, detail),
                exception
            ),
            StatusCode.Unavailable or StatusCode.Internal or StatusCode.Cancelled => new EtcdDrException(
                "EtcdUnreachable",
                EtcdDrErrorCategory.ConnectionError,
                Errors.EtcdUnreachable.With(node, at, Reason(exception)),
                Errors.EtcdUnreachable_Action,
                node,
                exception
            ),
            StatusCode.OutOfRange => new EtcdDrException(
                "EtcdRevisionUnavailable",
                EtcdDrErrorCategory.InvalidArgument,
                Errors.EtcdRevisionUnavailable.With(node, at, detail),
                Errors.EtcdRevisionUnavailable_Action,
                node,
                exception
            ),
            StatusCode.PermissionDenied or StatusCode.Unauthenticated => new EtcdDrException(
                "EtcdAccessDenied",
                EtcdDrErrorCategory.PermissionDenied,
                Errors.EtcdAccessDenied.With(node, at, detail),
                Errors.EtcdAccessDenied_Action,
                node,
                exception
            ),
            _ => new EtcdDrException(
                "EtcdCallFailed",
                EtcdDrErrorCategory.NotSpecified,
                Errors.EtcdCallFailed.With(node, at, exception.StatusCode, detail),
                Errors.EtcdCallFailed_Action,
                node,
                exception
            ),
        };
    }

    private static string At(Uri endpoint) => endpoint.GetLeftPart(UriPartial.Authority);

    private static EtcdDrException Timeout(string node, string message, Exception exception) =>
        new("EtcdTimeout", EtcdDrErrorCategory.OperationTimeout, message, Errors.EtcdTimeout_Action, node, exception);

    /// <summary>The words of the innermost cause: gRPC and HTTP wrap them several times over.</summary>
    private static string Reason(RpcException exception)
    {
        var socket = Causes(exception).OfType<SocketException>().LastOrDefault();
        return socket is not null ? Sentence(socket.Message) : Deepest(exception);
    }

    private static string Deepest(RpcException exception) =>
        Sentence(Causes(exception).LastOrDefault()?.Message ?? exception.Status.Detail);

    private static bool MentionsTlsAlert(RpcException exception) =>
        Causes(exception).Any(e => e.Message.Contains("alert", StringComparison.OrdinalIgnoreCase));

    private static IEnumerable<Exception> Causes(RpcException exception)
    {
        for (var cause = exception.Status.DebugException; cause is not null; cause = cause.InnerException)
        {
            yield return cause;
        }
    }

    private static string Sentence(string words) => words.TrimEnd('.', ' ') + ".";
}
