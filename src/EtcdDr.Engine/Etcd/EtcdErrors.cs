using System.Net.Sockets;
using System.Security.Authentication;
using Grpc.Core;

namespace EtcdDr.Engine.Etcd;

/// <summary>Turns what gRPC says into errors for the operator.</summary>
internal static class EtcdErrors
{
    private const string NoAnswer = "did not answer within the time limit";

    /// <summary>The error for a failed call.</summary>
    /// <param name="exception">What gRPC threw.</param>
    /// <param name="node">The node.</param>
    /// <param name="endpoint">The member's URL as the node sees it.</param>
    /// <param name="certificateRefusal">Why the server's certificate was refused, if it was.</param>
    public static EtcdDrException From(RpcException exception, string node, Uri endpoint, string? certificateRefusal)
    {
        var place = Place(node, endpoint);
        if (certificateRefusal is not null)
        {
            return new EtcdDrException(
                "EtcdCertificateInvalid",
                EtcdDrErrorCategory.SecurityError,
                $"The certificate of {place} is not trusted: {certificateRefusal}.",
                "Check etcd's server certificate and CA on the node (kubeadm certs check-expiration); renew it if it has expired.",
                node,
                exception);
        }

        if (Causes(exception).OfType<AuthenticationException>().Any() || MentionsTlsAlert(exception))
        {
            return new EtcdDrException(
                "EtcdClientCertificateRefused",
                EtcdDrErrorCategory.AuthenticationError,
                $"{place} refused the TLS connection: {Deepest(exception)}",
                "Check that the client certificate on the node comes from etcd's CA and has not expired (kubeadm certs check-expiration).",
                node,
                exception);
        }

        return FromStatus(exception, node, place);
    }

    /// <summary>The error for a call that had no answer within its time limit.</summary>
    public static EtcdDrException Late(string node, Uri endpoint, Exception exception) => Timeout(node, Place(node, endpoint), NoAnswer, exception);

    /// <summary>Whether the same call may well succeed a moment later.</summary>
    public static bool IsTransient(RpcException exception) =>
        exception.StatusCode == StatusCode.Unavailable && !Causes(exception).OfType<AuthenticationException>().Any() && !MentionsTlsAlert(exception);

    private static EtcdDrException FromStatus(RpcException exception, string node, string place)
    {
        var detail = exception.Status.Detail;
        return exception.StatusCode switch
        {
            _ when detail.Contains("no leader", StringComparison.Ordinal) => new EtcdDrException(
                "EtcdNoLeader",
                EtcdDrErrorCategory.InvalidOperation,
                $"{place} has no leader: fewer than half of the members reach one another.",
                "Run Get-EtcdStatus and bring the missing members back.",
                node,
                exception),
            StatusCode.DeadlineExceeded => Timeout(node, place, NoAnswer, exception),
            StatusCode.Unavailable when detail.Contains("timed out", StringComparison.Ordinal) =>
                Timeout(node, place, $"gave up: {detail}", exception),
            StatusCode.Unavailable or StatusCode.Internal or StatusCode.Cancelled => new EtcdDrException(
                "EtcdUnreachable",
                EtcdDrErrorCategory.ConnectionError,
                $"{place} does not answer: {Reason(exception)}",
                "Check that the etcd container runs on the node (crictl ps --name etcd) and look at its log.",
                node,
                exception),
            StatusCode.OutOfRange => new EtcdDrException(
                "EtcdRevisionUnavailable",
                EtcdDrErrorCategory.InvalidArgument,
                $"{place} cannot answer for that revision: {detail}",
                "The revision was compacted away or is not there yet on this member; try again.",
                node,
                exception),
            StatusCode.PermissionDenied or StatusCode.Unauthenticated => new EtcdDrException(
                "EtcdAccessDenied",
                EtcdDrErrorCategory.PermissionDenied,
                $"{place} denies access: {detail}",
                "etcd's authentication is on: the common name of the client certificate needs the root role.",
                node,
                exception),
            _ => new EtcdDrException(
                "EtcdCallFailed",
                EtcdDrErrorCategory.NotSpecified,
                $"{place} answered with an error: {exception.StatusCode}, {detail}",
                "Look at the log of the etcd container on the node.",
                node,
                exception),
        };
    }

    private static string Place(string node, Uri endpoint) => $"etcd on node {node} ({endpoint.GetLeftPart(UriPartial.Authority)})";

    private static EtcdDrException Timeout(string node, string place, string what, Exception exception) => new(
        "EtcdTimeout",
        EtcdDrErrorCategory.OperationTimeout,
        $"{place} {what}.",
        "Run Get-EtcdStatus: a member without a quorum, or with a slow disk, answers late or never.",
        node,
        exception);

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
