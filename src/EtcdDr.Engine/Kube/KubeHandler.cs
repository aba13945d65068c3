using System.Net;
using System.Net.Http.Headers;
using System.Security.Authentication;

namespace EtcdDr.Engine.Kube;

/// <summary>
/// Stands between KubernetesClient and the network. It sends each request over a route to an apiserver, limits each attempt, repeats what
/// may be repeated, goes on to the next route where one fails, says whom the user acts as, and puts every failure in words. An answer that
/// is no success ends as an <see cref="EtcdDrException"/>, before KubernetesClient makes its own exception of it; only 410 for a list or
/// watch passes: it says where to go on.
/// </summary>
internal sealed class KubeHandler(
    KubeEndpoint endpoint,
    IReadOnlyList<KubeRoute> routes,
    IReadOnlyList<KeyValuePair<string, string>> impersonation,
    KubeApiSettings settings
) : DelegatingHandler
{
    private int _current;

    /// <summary>Server, and the address that was dialled last if it is another, for messages.</summary>
    public string DisplayName { get; private set; } = endpoint.DisplayName;

    /// <summary>Limits.</summary>
    public KubeApiSettings Settings => settings;

    /// <summary>Whether an exception is one of those that a broken, refused or untrusted connection ends with.</summary>
    public static bool IsNetworkFailure(Exception e) => e is HttpRequestException or IOException or AuthenticationException;

    /// <summary>Puts a failure of the connection in words.</summary>
    public EtcdDrException Failure(string path, Exception failure)
    {
        if (failure is EtcdDrException known)
        {
            return known;
        }

        if (failure is OperationCanceledException)
        {
            return KubeErrors.Unreachable(
                DisplayName,
                path,
                Errors.KubeApiUnreachable_NoAnswer_Part.With(settings.RequestTimeout.TotalSeconds),
                failure
            );
        }

        if (failure is AuthenticationException or HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError })
        {
            return endpoint.Refusal.Length > 0
                ? KubeErrors.CertificateUntrusted(DisplayName, endpoint.Refusal, failure)
                : KubeErrors.Unreachable(DisplayName, path, Errors.KubeApiUnreachable_Tls_Part.With(Innermost(failure)), failure);
        }

        return KubeErrors.Unreachable(DisplayName, path, Innermost(failure), failure);
    }

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        AddHeaders(request);
        var call = KubeCall.Of(request);
        var target = WithoutLastSlash(request.RequestUri!);
        var attempts = call.IsProbe ? routes.Count : Math.Max(settings.Attempts, routes.Count);
        for (var attempt = 1; ; attempt++)
        {
            var index = Volatile.Read(ref _current);
            var (response, failure) = await TryAsync(request, target, call, routes[index], cancellationToken);
            if (response is { IsSuccessStatusCode: true } || (call.Streams && response?.StatusCode == HttpStatusCode.Gone))
            {
                return response;
            }

            using (response)
            {
                if (attempt >= attempts || !IsWorthwhile(response, failure, call))
                {
                    throw failure is null
                        ? await RefusalAsync(request, target, response!, cancellationToken)
                        : Failure(target.AbsolutePath, failure);
                }

                await GoOnAsync(index, attempt, response, failure, cancellationToken);
            }
        }
    }

    // One attempt: an answer, or what the connection failed with.
    private async Task<(HttpResponseMessage? Response, Exception? Failure)> TryAsync(
        HttpRequestMessage request,
        Uri target,
        KubeCall call,
        KubeRoute route,
        CancellationToken cancellationToken
    )
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(call.IsProbe ? settings.ProbeTimeout : settings.RequestTimeout);
        HttpResponseMessage? response = null;
        try
        {
            DisplayName = endpoint.Aim(request, target, await route.OpenAsync(limit.Token));
            response = await base.SendAsync(request, limit.Token);
            if (!call.Streams || !response.IsSuccessStatusCode)
            {
                // KubernetesClient reads an answer without a limit and without a way to stop; from memory that takes no time.
                await response.Content.LoadIntoBufferAsync(limit.Token);
            }

            return (response, null);
        }
        catch (Exception e) when (IsRouteFailure(e) || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            response?.Dispose();
            return (null, e);
        }
    }

    // A route through a node may fail before it leads anywhere: that is the node's connection, in words already.
    private static bool IsRouteFailure(Exception e) => IsNetworkFailure(e) || e is EtcdDrException;

    private bool IsWorthwhile(HttpResponseMessage? response, Exception? failure, KubeCall call)
    {
        if (response is not null)
        {
            return call.IsProbe ? !KubeRetry.Serves(response.StatusCode) : KubeRetry.IsWorthwhile(response, call.IsRepeatable);
        }

        return routes.Count > 1
            ? call.IsRepeatable || KubeRetry.WasNeverSent(failure!)
            : call.IsRepeatable && !call.IsProbe && KubeRetry.IsWorthwhile(failure!);
    }

    // To the next route where this one failed; a wait where all of them have been asked, or where the server asks for one.
    private async Task GoOnAsync(
        int index,
        int attempt,
        HttpResponseMessage? response,
        Exception? failure,
        CancellationToken cancellationToken
    )
    {
        if (failure is not null and not OperationCanceledException)
        {
            await routes[index].CloseAsync();
        }

        Interlocked.CompareExchange(ref _current, (index + 1) % routes.Count, index);
        var round = (attempt + routes.Count - 1) / routes.Count;
        if (attempt % routes.Count == 0 || response?.Headers.RetryAfter is not null)
        {
            await Task.Delay(KubeRetry.Delay(settings, round, response), cancellationToken);
        }
    }

    private void AddHeaders(HttpRequestMessage request)
    {
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("*/*", 0.1));
        foreach (var (name, value) in impersonation)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }
    }

    private async Task<EtcdDrException> RefusalAsync(
        HttpRequestMessage request,
        Uri target,
        HttpResponseMessage response,
        CancellationToken cancellationToken
    ) =>
        KubeErrors.FromStatus(
            DisplayName,
            request.Method.Method,
            target.AbsolutePath,
            response.StatusCode,
            await response.Content.ReadAsStringAsync(cancellationToken)
        );

    // KubernetesClient asks for /apis/ and /version/, kubectl and everybody else for /apis and /version; that is what has to work.
    private static Uri WithoutLastSlash(Uri target) =>
        target.AbsolutePath is { Length: > 1 } path && path.EndsWith('/')
            ? new UriBuilder(target) { Path = path.TrimEnd('/') }.Uri
            : target;

    private static string Innermost(Exception failure)
    {
        while (failure.InnerException is { } inner)
        {
            failure = inner;
        }

        return failure.Message.Split('\n', 2)[0].Trim();
    }
}
