using System.Net;
using System.Text.Json;
using k8s;
using k8s.Models;

namespace EtcdDr.Engine.Kube;

/// <summary>The errors that work with a kubeconfig and its API can end with.</summary>
internal static class KubeErrors
{
    private const int LongestDetail = 500;

    public static EtcdDrException KubeconfigNotFound(string path) =>
        new(
            "KubeconfigNotFound",
            EtcdDrErrorCategory.ObjectNotFound,
            Errors.KubeconfigNotFound.With(path),
            Errors.KubeconfigNotFound_Action,
            path
        );

    public static EtcdDrException KubeconfigUnreadable(string path, Exception cause) =>
        new(
            "KubeconfigUnreadable",
            cause is UnauthorizedAccessException ? EtcdDrErrorCategory.PermissionDenied : EtcdDrErrorCategory.ReadError,
            Errors.KubeconfigUnreadable.With(path, cause.Message.TrimEnd('.')),
            Errors.KubeconfigUnreadable_Action,
            path,
            cause
        );

    public static EtcdDrException KubeconfigInvalid(string path, string cause, int? line = null, Exception? inner = null) =>
        new(
            "KubeconfigInvalid",
            EtcdDrErrorCategory.InvalidData,
            line is null
                ? Errors.KubeconfigInvalid.With(path, cause.TrimEnd('.'))
                : Errors.KubeconfigInvalid_Line.With(path, line, cause.TrimEnd('.')),
            Errors.KubeconfigInvalid_Action,
            path,
            inner
        );

    public static EtcdDrException ContextNotFound(string path, string? context, IReadOnlyList<string> known) =>
        new(
            "KubeContextNotFound",
            EtcdDrErrorCategory.ObjectNotFound,
            context is null ? Errors.KubeContextNotFound_NoneNamed.With(path) : Errors.KubeContextNotFound.With(path, context),
            known.Count == 0
                ? Errors.KubeContextNotFound_NoContexts_Action
                : Errors.KubeContextNotFound_Action.With(string.Join(", ", known)),
            context ?? path
        );

    public static EtcdDrException CredentialFailed(KubeconfigContext context, Exception cause) =>
        new(
            "KubeCredentialFailed",
            EtcdDrErrorCategory.AuthenticationError,
            Errors.KubeCredentialFailed.With(context.User, context.Path, cause.Message.Split('\n', 2)[0].Trim().TrimEnd('.')),
            Errors.KubeCredentialFailed_Action,
            context.Path,
            cause
        );

    public static EtcdDrException Unreachable(string server, string path, string cause, Exception? inner = null) =>
        new(
            "KubeApiUnreachable",
            EtcdDrErrorCategory.ConnectionError,
            Errors.KubeApiUnreachable.With(server, path, cause.TrimEnd('.')),
            Errors.KubeApiUnreachable_Action,
            server,
            inner
        );

    public static EtcdDrException CertificateUntrusted(string server, string cause, Exception? inner) =>
        new(
            "KubeApiCertificateUntrusted",
            EtcdDrErrorCategory.SecurityError,
            Errors.KubeApiCertificateUntrusted.With(server, cause.TrimEnd('.')),
            Errors.KubeApiCertificateUntrusted_Action,
            server,
            inner
        );

    public static EtcdDrException FromStatus(string server, string method, string path, HttpStatusCode status, string answer)
    {
        var said = Detail(answer) is { Length: > 0 } detail ? $": {detail.TrimEnd('.')}" : "";
        var refusal = Refusal(status, answer);
        return status switch
        {
            HttpStatusCode.Unauthorized => new EtcdDrException(
                "KubeApiUnauthorized",
                EtcdDrErrorCategory.AuthenticationError,
                Errors.KubeApiUnauthorized.With(server, method, path, said),
                Errors.KubeApiUnauthorized_Action,
                server,
                refusal
            ),
            HttpStatusCode.Forbidden => new EtcdDrException(
                "KubeApiForbidden",
                EtcdDrErrorCategory.PermissionDenied,
                Errors.KubeApiForbidden.With(server, method, path, said),
                Errors.KubeApiForbidden_Action,
                server,
                refusal
            ),
            HttpStatusCode.NotFound => new EtcdDrException(
                "KubeApiNotFound",
                EtcdDrErrorCategory.ObjectNotFound,
                Errors.KubeApiNotFound.With(server, path, said),
                Errors.KubeApiNotFound_Action,
                path,
                refusal
            ),
            HttpStatusCode.Conflict => new EtcdDrException(
                "KubeApiConflict",
                EtcdDrErrorCategory.ResourceBusy,
                Errors.KubeApiConflict.With(server, method, path, said),
                Errors.KubeApiConflict_Action,
                path,
                refusal
            ),
            _ => new EtcdDrException(
                "KubeApiError",
                EtcdDrErrorCategory.InvalidOperation,
                Errors.KubeApiError.With(server, method, path, (int)status, status, said),
                Errors.KubeApiError_Action,
                path,
                refusal
            ),
        };
    }

    public static EtcdDrException BadAnswer(string server, string path, string cause, Exception? inner = null) =>
        new(
            "KubeApiError",
            EtcdDrErrorCategory.InvalidData,
            Errors.KubeApiError_Unreadable.With(server, path, cause.TrimEnd('.')),
            Errors.KubeApiError_Unreadable_Action,
            server,
            inner
        );

    /// <summary>The Status object that Kubernetes answers failures with; null for a proxy's page or plain text.</summary>
    public static V1Status? Status(string answer)
    {
        try
        {
            return KubernetesJson.Deserialize<V1Status>(answer);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static KubeStatusException Refusal(HttpStatusCode status, string answer)
    {
        var said = Status(answer);
        return new KubeStatusException(
            status,
            said?.Reason ?? string.Empty,
            said?.Message ?? Detail(answer),
            [.. (said?.Details?.Causes ?? []).Select(c => new KubeStatusCause(c.Reason ?? "", c.Field ?? "", c.Message ?? ""))]
        );
    }

    private static string Detail(string answer)
    {
        var text = Status(answer) is { } status ? status.Message ?? "" : answer;
        var line = string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return line.Length <= LongestDetail ? line : line[..LongestDetail] + "...";
    }
}
