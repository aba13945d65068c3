using System.Net;

namespace EtcdDr.Engine.Kube;

/// <summary>What an apiserver said as it refused a request: the inner exception of the error that says so in words.</summary>
public sealed class KubeStatusException : Exception
{
    /// <summary>Creates it.</summary>
    public KubeStatusException(HttpStatusCode status, string reason, string message, IReadOnlyList<KubeStatusCause> causes)
        : base(message) => (Status, Reason, Causes) = (status, reason, causes);

    /// <summary>HTTP status.</summary>
    public HttpStatusCode Status { get; }

    /// <summary>Kubernetes' reason: <c>Conflict</c>, <c>Invalid</c>, <c>AlreadyExists</c>; empty where none was said.</summary>
    public string Reason { get; }

    /// <summary>Causes, field by field.</summary>
    public IReadOnlyList<KubeStatusCause> Causes { get; }

    /// <summary>What stands behind a failure; null where no server refused anything.</summary>
    public static KubeStatusException? Of(EtcdDrException failure) => failure.InnerException as KubeStatusException;
}
