using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using k8s;

namespace EtcdDr.Engine.Kube;

/// <summary>
/// KubernetesClient with requests by path besides its typed ones: its <c>CustomObjects</c> has each verb two or three times and not every
/// subresource. Credentials, HTTP/2 and the connections are KubernetesClient's, what happens to a request on its way is
/// <see cref="KubeHandler"/>'s.
/// </summary>
internal sealed class KubeClient(KubernetesClientConfiguration configuration, KubeHandler handler) : Kubernetes(configuration, handler)
{
    private static readonly KubeCall Stream = new() { Streams = true };

    /// <summary>Limits.</summary>
    public KubeApiSettings Settings => handler.Settings;

    /// <summary>Server (and address, if another) for messages.</summary>
    public string DisplayName => handler.DisplayName;

    /// <summary>Who is asked where this client's user is refused; null for nobody.</summary>
    public KubeStandIns? StandIns { get; init; }

    /// <summary>Sends a request and gives its answer, which is a success; whoever asks for it disposes it.</summary>
    public Task<HttpResponseMessage> SendAsync(
        HttpMethod method,
        string path,
        KubeCall call,
        HttpContent? body,
        CancellationToken cancellationToken
    ) =>
        StandIns is null || call.IsProbe
            ? SendOwnAsync(method, path, call, body, cancellationToken)
            : StandIns.AskAsync(this, c => c.SendOwnAsync(method, path, call, body, cancellationToken), cancellationToken);

    private Task<HttpResponseMessage> SendOwnAsync(
        HttpMethod method,
        string path,
        KubeCall call,
        HttpContent? body,
        CancellationToken cancellationToken
    )
    {
        // A server URL can have a path of its own (a management proxy in front of many clusters); requests go below it.
        var request = new HttpRequestMessage(method, new Uri(BaseUri, path.TrimStart('/')))
        {
            Version = HttpVersion.Version20,
            Content = body,
        };
        call.PutOn(request);
        return SendRequestRaw("", request, cancellationToken);
    }

    /// <summary>The answer of a list or watch as it comes; a 410 is KubernetesClient's exception.</summary>
    public Task<HttpResponseMessage> StreamAsync(string path, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, path, Stream, null, cancellationToken);

    /// <summary>Sends JSON, if any, and reads an object.</summary>
    public async Task<JsonObject> SendJsonAsync(
        HttpMethod method,
        string path,
        JsonBody? body,
        bool isRepeatable,
        CancellationToken cancellationToken
    )
    {
        using var content = body is null ? null : new StringContent(body.Json.ToJsonString(), Encoding.UTF8, body.MediaType);
        using var response = await SendAsync(method, path, new KubeCall { IsRepeatable = isRepeatable }, content, cancellationToken);
        try
        {
            return JsonNode.Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken)) as JsonObject
                ?? throw KubeErrors.BadAnswer(DisplayName, PathOnly(path), Errors.KubeApiError_NoObject_Part);
        }
        catch (JsonException e)
        {
            throw KubeErrors.BadAnswer(DisplayName, PathOnly(path), Errors.KubeApiError_NoJson_Part, e);
        }
    }

    /// <summary>Puts a failure while an answer was read in words.</summary>
    public EtcdDrException Failure(string path, Exception failure) =>
        failure is JsonException
            ? KubeErrors.BadAnswer(DisplayName, PathOnly(path), failure.Message, failure)
            : handler.Failure(PathOnly(path), failure);

    private static string PathOnly(string path) => path.Split('?', 2)[0];

    /// <summary>JSON that is sent.</summary>
    /// <param name="Json">The value.</param>
    /// <param name="MediaType">How the server is to take it.</param>
    public sealed record JsonBody(JsonNode Json, string MediaType = "application/json");
}
