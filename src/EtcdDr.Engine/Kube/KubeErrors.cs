using System.Net;

namespace EtcdDr.Engine.Kube;

/// <summary>The errors that work with a kubeconfig and its API can end with.</summary>
internal static class KubeErrors
{
    public static EtcdDrException KubeconfigNotFound(string path) => new(
        "KubeconfigNotFound",
        EtcdDrErrorCategory.ObjectNotFound,
        $"There is no kubeconfig at {path}.",
        "Name an existing kubeconfig in the profile (key 'kubeconfig') or with -Kubeconfig.",
        path);

    public static EtcdDrException KubeconfigUnreadable(string path, Exception cause) => new(
        "KubeconfigUnreadable",
        cause is UnauthorizedAccessException ? EtcdDrErrorCategory.PermissionDenied : EtcdDrErrorCategory.ReadError,
        $"The kubeconfig {path} cannot be read: {cause.Message.TrimEnd('.')}.",
        "Check the file's owner and permissions.",
        path,
        cause);

    public static EtcdDrException KubeconfigInvalid(string path, string cause, int? line = null, Exception? inner = null) => new(
        "KubeconfigInvalid",
        EtcdDrErrorCategory.InvalidData,
        $"The kubeconfig {path}{(line is null ? "" : $", line {line},")} cannot be used: {cause.TrimEnd('.')}.",
        "Correct the kubeconfig, or fetch a fresh one from a control-plane node (/etc/kubernetes/admin.conf).",
        path,
        inner);

    public static EtcdDrException ContextNotFound(string path, string? context, IReadOnlyList<string> known) => new(
        "KubeContextNotFound",
        EtcdDrErrorCategory.ObjectNotFound,
        context is null ? $"The kubeconfig {path} has no current-context, and no context was named." : $"The kubeconfig {path} has no context '{context}'.",
        known.Count == 0 ? "The file has no contexts at all; use another kubeconfig." : $"Name one of its contexts: {string.Join(", ", known)}.",
        context ?? path);

    public static EtcdDrException CredentialFailed(string path, string user, string cause, Exception? inner = null) => new(
        "KubeCredentialFailed",
        EtcdDrErrorCategory.AuthenticationError,
        $"The credentials of user '{user}' in the kubeconfig {path} cannot be used: {cause.TrimEnd('.')}.",
        "Check that user's entry: certificate and key files, token, or the credential plugin it runs.",
        path,
        inner);

    public static EtcdDrException Unreachable(string server, string path, string cause, Exception? inner = null) => new(
        "KubeApiUnreachable",
        EtcdDrErrorCategory.ConnectionError,
        $"The kube API {server} did not answer {path}: {cause.TrimEnd('.')}.",
        "Check that the API is up and that this machine reaches it; where its name leads to the other site, set 'serverAddress' in the profile.",
        server,
        inner);

    public static EtcdDrException CertificateUntrusted(string server, string cause, Exception? inner) => new(
        "KubeApiCertificateUntrusted",
        EtcdDrErrorCategory.SecurityError,
        $"The certificate of the kube API {server} is not trusted: {cause.TrimEnd('.')}.",
        "Check that the kubeconfig belongs to this cluster (both sites share the server's name) and that 'serverAddress' leads to it.",
        server,
        inner);

    public static EtcdDrException FromStatus(string server, string method, string path, HttpStatusCode status, string detail)
    {
        var said = detail.Length > 0 ? $": {detail.TrimEnd('.')}" : "";
        return status switch
        {
            HttpStatusCode.Unauthorized => new EtcdDrException(
                "KubeApiUnauthorized",
                EtcdDrErrorCategory.AuthenticationError,
                $"The kube API {server} does not accept the kubeconfig's credentials ({method} {path}){said}.",
                "Renew the credentials of the kubeconfig's user: the certificate or token may have expired or belong to another cluster.",
                server),
            HttpStatusCode.Forbidden => new EtcdDrException(
                "KubeApiForbidden",
                EtcdDrErrorCategory.PermissionDenied,
                $"The kube API {server} forbids {method} {path}{said}.",
                "Use a kubeconfig whose user may do this; admin.conf of a control-plane node does.",
                server),
            HttpStatusCode.NotFound => new EtcdDrException(
                "KubeApiNotFound",
                EtcdDrErrorCategory.ObjectNotFound,
                $"The kube API {server} has nothing at {path}{said}.",
                "Check the name, and that the cluster serves this kind of object.",
                path),
            HttpStatusCode.Conflict => new EtcdDrException(
                "KubeApiConflict",
                EtcdDrErrorCategory.ResourceBusy,
                $"The kube API {server} answered {method} {path} with a conflict{said}.",
                "Try again: the object was changed meanwhile, or exists already.",
                path),
            _ => new EtcdDrException(
                "KubeApiError",
                EtcdDrErrorCategory.InvalidOperation,
                $"The kube API {server} answered {method} {path} with {(int)status} {status}{said}.",
                "Look at the apiserver's log and at /readyz?verbose of the API.",
                path),
        };
    }

    public static EtcdDrException BadAnswer(string server, string path, string cause, Exception? inner = null) => new(
        "KubeApiError",
        EtcdDrErrorCategory.InvalidData,
        $"The kube API {server} answered {path} with something that cannot be read: {cause.TrimEnd('.')}.",
        "Check that the address leads to a kube-apiserver, not to another service or a proxy's error page.",
        server,
        inner);
}
