using System.Net;

namespace EtcdDr.Engine.Kube;

/// <summary>A request as it may be sent several times.</summary>
/// <param name="Method">The verb.</param>
/// <param name="Path">Path and query.</param>
internal sealed record KubeRequest(HttpMethod Method, string Path)
{
    /// <summary>What is sent; null for nothing.</summary>
    public KubeBody? Body { get; init; }

    /// <summary>Whether sending it twice does no more than sending it once.</summary>
    public bool Idempotent { get; init; } = true;

    /// <summary>A status besides 2xx that the caller deals with.</summary>
    public HttpStatusCode? Accepted { get; init; }

    /// <summary>Whether the answer's content is part of the attempt, or read by the caller as it comes.</summary>
    public HttpCompletionOption Completion { get; init; } = HttpCompletionOption.ResponseContentRead;
}
