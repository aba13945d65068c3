namespace EtcdDr.Engine.Kube;

/// <summary>What <see cref="KubeHandler"/> has to know about a request beside the request itself.</summary>
internal sealed record KubeCall
{
    private static readonly HttpRequestOptionsKey<KubeCall> Key = new("EtcdDr.KubeCall");

    /// <summary>Whether sending it twice does no more than sending it once.</summary>
    public bool IsRepeatable { get; init; } = true;

    /// <summary>Whether it is a probe: asked once of each route, with the probe's time limit.</summary>
    public bool IsProbe { get; init; }

    /// <summary>Whether the answer's content is read by the caller as it comes, or is part of the attempt.</summary>
    public bool Streams { get; init; }

    /// <summary>What was said about a request; for one of KubernetesClient's own, what its verb and query say.</summary>
    public static KubeCall Of(HttpRequestMessage request) =>
        request.Options.TryGetValue(Key, out var call)
            ? call
            : new KubeCall
            {
                IsRepeatable = request.Method != HttpMethod.Post,
                Streams = request.RequestUri?.Query.Contains("watch=true", StringComparison.Ordinal) == true,
            };

    /// <summary>Says it about a request.</summary>
    public void PutOn(HttpRequestMessage request) => request.Options.Set(Key, this);
}
