using System.Net;
using System.Net.Http.Headers;
using System.Security.Authentication;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EtcdDr.Engine.Kube;

/// <summary>Sends requests to one API server: credentials (whoever made them closes them), time limits, repeated attempts, and failures in words.</summary>
internal sealed class KubeTransport : IDisposable
{
    private const int LongestDetail = 500;

    private readonly KubeEndpoint _endpoint;
    private readonly KubeCredentials _credentials;
    private readonly HttpClient _client;

    public KubeTransport(KubeEndpoint endpoint, KubeCredentials credentials, KubeApiSettings settings)
    {
        _endpoint = endpoint;
        _credentials = credentials;
        Settings = settings;
        _client = new HttpClient(endpoint.CreateHandler(credentials, settings)) { Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = 256 * 1024 * 1024 };
        _client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("EtcdDr", typeof(KubeTransport).Assembly.GetName().Version?.ToString(3)));
    }

    public KubeApiSettings Settings { get; }

    public string DisplayName => _endpoint.DisplayName;

    /// <summary>Asks once, with the probe's time limit, whether a path answers with 2xx.</summary>
    public async Task<bool> ProbeAsync(string path, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Settings.ProbeTimeout);
        try
        {
            using var request = await RequestAsync(HttpMethod.Get, path, null, limit.Token);
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            return response.IsSuccessStatusCode;
        }
        catch (Exception e) when (IsNetworkFailure(e) || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return false;
        }
    }

    public void Dispose() => _client.Dispose();

    /// <summary>Whether an exception is one of those that a broken, refused or untrusted connection ends with.</summary>
    public static bool IsNetworkFailure(Exception e) => e is HttpRequestException or IOException or AuthenticationException;

    private async Task<HttpRequestMessage> RequestAsync(HttpMethod method, string path, KubeBody? body, CancellationToken cancellationToken)
    {
        // A server URL can have a path of its own (a management proxy in front of many clusters); requests go below it.
        var target = new Uri(_endpoint.Address.ToString().TrimEnd('/') + path);
        var request = new HttpRequestMessage(method, target) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionOrLower };
        request.Headers.Host = _endpoint.HostHeader;
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("*/*", 0.1));
        if (body is not null)
        {
            request.Content = new StringContent(body.Text, Encoding.UTF8, body.MediaType);
        }

        await _credentials.ApplyAsync(request, cancellationToken);
        return request;
    }

    /// <summary>Sends until there is an answer that counts; throws for one that is neither 2xx nor accepted.</summary>
    public async Task<KubeAnswer> SendAsync(KubeRequest what, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var answer = new KubeAnswer(Settings.RequestTimeout, cancellationToken);
            try
            {
                var delay = await TryAsync(what, attempt, answer, cancellationToken);
                if (delay is null)
                {
                    return answer;
                }

                answer.Dispose();
                await Task.Delay(delay.Value, cancellationToken);
            }
            catch
            {
                answer.Dispose();
                throw;
            }
        }
    }

    // One attempt: null if it has an answer that counts, else how long to wait before the next.
    private async Task<TimeSpan?> TryAsync(KubeRequest what, int attempt, KubeAnswer answer, CancellationToken cancellationToken)
    {
        var isLast = attempt >= Settings.Attempts;
        try
        {
            using var request = await RequestAsync(what.Method, what.Path, what.Body, answer.Token);
            answer.Response = await _client.SendAsync(request, what.Completion, answer.Token);
            if (answer.Response.IsSuccessStatusCode || answer.Response.StatusCode == what.Accepted)
            {
                return null;
            }

            if (isLast || !KubeRetry.IsWorthwhile(answer.Response, what.Idempotent))
            {
                var (_, message) = await ReadStatusAsync(answer);
                throw KubeErrors.FromStatus(DisplayName, what.Method.Method, PathOnly(what.Path), answer.Response.StatusCode, message);
            }

            return KubeRetry.Delay(Settings, attempt, answer.Response);
        }
        catch (Exception e) when (IsNetworkFailure(e) || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return !isLast && what.Idempotent && KubeRetry.IsWorthwhile(e) ? KubeRetry.Delay(Settings, attempt, null) : throw Failure(what.Path, e);
        }
    }

    /// <summary>Puts a failure of the connection in words.</summary>
    public EtcdDrException Failure(string path, Exception failure)
    {
        if (failure is OperationCanceledException)
        {
            return KubeErrors.Unreachable(
                DisplayName, PathOnly(path), Errors.KubeApiUnreachable_NoAnswer_Part.With(Settings.RequestTimeout.TotalSeconds), failure);
        }

        if (failure is AuthenticationException or HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError })
        {
            return _endpoint.Refusal.Length > 0
                ? KubeErrors.CertificateUntrusted(DisplayName, _endpoint.Refusal, failure)
                : KubeErrors.Unreachable(DisplayName, PathOnly(path), Errors.KubeApiUnreachable_Tls_Part.With(Innermost(failure)), failure);
        }

        return KubeErrors.Unreachable(DisplayName, PathOnly(path), Innermost(failure), failure);
    }

    private static string Innermost(Exception failure)
    {
        while (failure.InnerException is { } inner)
        {
            failure = inner;
        }

        return failure.Message.Split('\n', 2)[0].Trim();
    }

    /// <summary>A path without its query, for messages.</summary>
    public static string PathOnly(string path) => path.Split('?', 2)[0];

    /// <summary>The continue token and the message of the Status object that Kubernetes answers failures with, or the beginning of the text.</summary>
    public static async Task<(string? Continue, string Message)> ReadStatusAsync(KubeAnswer answer)
    {
        var text = await answer.Response.Content.ReadAsStringAsync(answer.Token);
        try
        {
            if (JsonNode.Parse(text) is JsonObject status)
            {
                return (status["metadata"]?["continue"]?.GetValue<string>(), Shorten(status["message"]?.GetValue<string>() ?? ""));
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Not a Status object: a proxy's page, or plain text.
            return (null, Shorten(text));
        }

        return (null, Shorten(text));
    }

    private static string Shorten(string text)
    {
        var line = string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return line.Length <= LongestDetail ? line : line[..LongestDetail] + "...";
    }
}
