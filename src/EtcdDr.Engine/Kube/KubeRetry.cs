using System.Net;
using System.Net.Sockets;

namespace EtcdDr.Engine.Kube;

/// <summary>Which failures of a request are worth another try, and after how long.</summary>
internal static class KubeRetry
{
    /// <summary>
    /// Whether an answer asks for another try. 429 is given before anything is done, so it holds for every verb; gateway errors and 503 for
    /// those that can be repeated; 500 only where the server says when to come again (a timeout inside the apiserver).
    /// </summary>
    public static bool IsWorthwhile(HttpResponseMessage response, bool idempotent) =>
        response.StatusCode switch
        {
            HttpStatusCode.TooManyRequests => true,
            HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout => idempotent,
            HttpStatusCode.InternalServerError => idempotent && response.Headers.RetryAfter is not null,
            _ => false,
        };

    /// <summary>Whether a broken connection is worth another try: one that stood and broke, not one that was refused or never came
    /// about.</summary>
    public static bool IsWorthwhile(Exception failure) =>
        failure switch
        {
            HttpRequestException
            {
                HttpRequestError: HttpRequestError.NameResolutionError
                    or HttpRequestError.SecureConnectionError
                    or HttpRequestError.ProxyTunnelError
            } => false,
            HttpRequestException
            {
                InnerException: SocketException { SocketErrorCode: not (SocketError.ConnectionReset or SocketError.ConnectionAborted) }
            } => false,
            HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError, InnerException: not SocketException } => false,
            HttpRequestException or IOException => true,
            _ => false,
        };

    /// <summary>Whether a request failed before any of it was sent, so that another server can be asked whatever it does.</summary>
    public static bool WasNeverSent(Exception failure) =>
        failure
            is EtcdDrException
                or HttpRequestException
                {
                    HttpRequestError: HttpRequestError.ConnectionError
                        or HttpRequestError.NameResolutionError
                        or HttpRequestError.SecureConnectionError
                        or HttpRequestError.ProxyTunnelError
                };

    /// <summary>Whether a status shows an apiserver at work: one that refuses a user has come as far as asking who it is.</summary>
    public static bool Serves(HttpStatusCode status) =>
        (int)status is >= 200 and < 300 || status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden;

    /// <summary>How long to wait before the next attempt.</summary>
    /// <param name="settings">The limits.</param>
    /// <param name="attempt">The attempt that failed, from 1.</param>
    /// <param name="response">Its answer, if it had one.</param>
    public static TimeSpan Delay(KubeApiSettings settings, int attempt, HttpResponseMessage? response)
    {
        if (RetryAfter(response) is { } asked)
        {
            return asked < settings.LongestRetryAfter ? asked : settings.LongestRetryAfter;
        }

        var full = settings.RetryDelay * Math.Pow(2, attempt - 1);
        return (full / 2) + (full / 2 * Random.Shared.NextDouble());
    }

    private static TimeSpan? RetryAfter(HttpResponseMessage? response) =>
        response?.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date > DateTimeOffset.UtcNow ? date - DateTimeOffset.UtcNow : TimeSpan.Zero,
            _ => null,
        };
}
