using System.Net;
using System.Net.Security;
using System.Runtime.CompilerServices;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;

namespace EtcdDr.Lab.Played;

/// <summary>A small client of the kube API for the played kubelet and controllers: a kubeconfig file, JSON, list and watch.</summary>
internal sealed class ApiClient : IDisposable
{
    private readonly HttpClient http;

    private ApiClient(HttpClient http) => this.http = http;

    /// <summary>Reads the kubeconfig as a component does at its start; the file's later changes are not seen, as with most of the real
    /// ones.</summary>
    public static ApiClient FromKubeconfig(string path)
    {
        var config = Yaml.Parse(File.ReadAllText(path)) ?? throw new InvalidDataException($"{path} is no kubeconfig.");
        var context = config.Items("contexts").First(c => c.Text("name") == config.Text("current-context")).At("context");
        var cluster = config.Items("clusters").First(c => c.Text("name") == context.Text("cluster")).At("cluster");
        var user = config.Items("users").First(u => u.Text("name") == context.Text("user")).At("user");
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPem(ReadPem(cluster, "certificate-authority", folder));
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectTimeout = TimeSpan.FromSeconds(5),
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(90),
            SslOptions = new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = Trust.Policy(authorities),
                TargetHost = cluster.Text("tls-server-name"),
            },
        };
        if (user.At("client-certificate-data") is not null || user.At("client-certificate") is not null)
        {
            using var pem = X509Certificate2.CreateFromPem(
                ReadPem(user, "client-certificate", folder),
                ReadPem(user, "client-key", folder)
            );
            handler.SslOptions.ClientCertificates = [X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null)];
        }

        var http = new HttpClient(handler) { BaseAddress = new Uri(cluster.Text("server")! + "/"), Timeout = Timeout.InfiniteTimeSpan };
        if (user.Text("token") is { } token)
            http.DefaultRequestHeaders.Authorization = new("Bearer", token);
        return new ApiClient(http);
    }

    public void Dispose() => http.Dispose();

    /// <summary>Null when there is no such object.</summary>
    public async Task<JsonObject?> GetAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return await SendAsync(HttpMethod.Get, path, null, null, cancellationToken);
        }
        catch (ApiException exception) when (exception.Code == HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    public Task<JsonObject> CreateAsync(string path, JsonObject body, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, path, body, "application/json", cancellationToken);

    public Task<JsonObject> ReplaceAsync(string path, JsonObject body, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Put, path, body, "application/json", cancellationToken);

    public Task<JsonObject> MergeAsync(string path, JsonObject patch, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Patch, path, patch, "application/merge-patch+json", cancellationToken);

    /// <summary>Deletes; an object that is not there is no failure. Grace 0 removes a pod at once.</summary>
    public async Task DeleteAsync(string path, int? graceSeconds, CancellationToken cancellationToken, string? uid = null)
    {
        var options = new JsonObject { ["kind"] = "DeleteOptions", ["apiVersion"] = "v1" };
        if (graceSeconds is { } seconds)
            options["gracePeriodSeconds"] = seconds;
        if (uid is not null)
            options["preconditions"] = new JsonObject { ["uid"] = uid };
        try
        {
            await SendAsync(HttpMethod.Delete, path, options, "application/json", cancellationToken);
        }
        catch (ApiException exception) when (exception.Code is HttpStatusCode.NotFound or HttpStatusCode.Conflict)
        {
            // Gone, or another object of that name by now.
        }
    }

    public async Task<JsonObject> SendAsync(
        HttpMethod method,
        string path,
        JsonObject? body,
        string? mediaType,
        CancellationToken cancellationToken
    )
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(20));
        using var request = new HttpRequestMessage(method, path.TrimStart('/'));
        if (body is not null)
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, mediaType!);
        try
        {
            using var response = await http.SendAsync(request, limit.Token);
            var answer = await response.Content.ReadAsByteArrayAsync(limit.Token);
            if (response.IsSuccessStatusCode)
                return JsonNode.Parse(answer) as JsonObject ?? [];
            throw new ApiException(response.StatusCode, Message(answer) ?? $"{method} {path}: {(int)response.StatusCode}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"{method} {path}: no answer in 20 seconds.");
        }
    }

    /// <summary>Watch events until the server ends the watch.</summary>
    public async IAsyncEnumerable<JsonObject> WatchAsync(
        string path,
        string resourceVersion,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var separator = path.Contains('?', StringComparison.Ordinal) ? '&' : '?';
        // Reflectors end their watches after five to ten minutes, each at another time.
        var seconds = 300 + Random.Shared.Next(300);
        var address =
            $"{path.TrimStart('/')}{separator}watch=true&allowWatchBookmarks=true"
            + $"&resourceVersion={resourceVersion}&timeoutSeconds={seconds}";
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            var answer = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            throw new ApiException(response.StatusCode, Message(answer) ?? $"watch {path}: {(int)response.StatusCode}");
        }

        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        using var reader = new StreamReader(stream);
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.Length > 0 && JsonNode.Parse(line) is JsonObject change)
                yield return change;
        }
    }

    private static string? Message(byte[] answer)
    {
        try
        {
            return JsonNode.Parse(answer).Text("message");
        }
        catch (System.Text.Json.JsonException)
        {
            return null;
        }
    }

    private static string ReadPem(JsonNode? section, string key, string folder)
    {
        if (section.Text(key + "-data") is { } data)
            return Encoding.UTF8.GetString(Convert.FromBase64String(data));
        var file = section.Text(key) ?? throw new InvalidDataException($"The kubeconfig has no {key}.");
        return File.ReadAllText(Path.Combine(folder, file));
    }
}
