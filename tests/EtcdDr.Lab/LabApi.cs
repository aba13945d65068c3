using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using EtcdDr.Lab.Played;
using EtcdDr.Lab.Tools;

namespace EtcdDr.Lab;

/// <summary>A small client of a lab cluster's kube API, for what tests write and check. It is no part of the module.</summary>
public sealed class LabApi : IDisposable
{
    private readonly HttpClient _client;
    private readonly X509Certificate2 _certificate;

    internal LabApi(LabCluster cluster, string? kubeconfigFile = null)
    {
        var file = kubeconfigFile ?? cluster.Kubeconfig;
        var kubeconfig = Yaml.Parse(File.ReadAllText(file)) ?? throw new LabException($"{file} is empty.");
        var user = kubeconfig.Items("users").First().At("user");
        using var pem = X509Certificate2.CreateFromPem(Decode(user.Text("client-certificate-data")), Decode(user.Text("client-key-data")));
        _certificate = X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(cluster.CaFile);
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(authorities);
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            // The name is both sites'; the address is this site's.
            ConnectCallback = (_, token) => ConnectAsync(cluster, token),
            SslOptions = new SslClientAuthenticationOptions { ClientCertificates = [_certificate], CertificateChainPolicy = policy },
        };
        _client = new HttpClient(handler)
        {
            BaseAddress = new UriBuilder("https", cluster.EndpointHost, cluster.EndpointPort).Uri,
            Timeout = TimeSpan.FromSeconds(30),
        };
    }

    /// <summary>An object, list or other JSON; null when the API says that there is none (404).</summary>
    /// <exception cref="LabException">The API refused.</exception>
    /// <exception cref="HttpRequestException">The API does not answer.</exception>
    public async Task<JsonObject?> GetAsync(string path, CancellationToken cancellationToken = default)
    {
        using var response = await _client.GetAsync(new Uri(path, UriKind.Relative), cancellationToken);
        return response.StatusCode == HttpStatusCode.NotFound ? null : await ReadAsync(response, $"GET {path}", cancellationToken);
    }

    /// <summary>Creates an object; one that is there already is left as it is.</summary>
    public async Task CreateAsync(string path, JsonObject item, CancellationToken cancellationToken = default)
    {
        using var response = await SendAsync(HttpMethod.Post, path, "application/json", item, cancellationToken);
        if (response.StatusCode != HttpStatusCode.Conflict)
        {
            await ReadAsync(response, $"POST {path}", cancellationToken);
        }
    }

    /// <summary>Patches an object by RFC 7386 merge.</summary>
    public async Task<JsonObject> PatchAsync(string path, JsonObject patch, CancellationToken cancellationToken = default)
    {
        using var response = await SendAsync(HttpMethod.Patch, path, "application/merge-patch+json", patch, cancellationToken);
        return await ReadAsync(response, $"PATCH {path}", cancellationToken);
    }

    /// <summary>Deletes an object; one that is not there is no error.</summary>
    public async Task DeleteAsync(string path, CancellationToken cancellationToken = default)
    {
        using var response = await _client.DeleteAsync(new Uri(path, UriKind.Relative), cancellationToken);
        if (response.StatusCode != HttpStatusCode.NotFound)
        {
            await ReadAsync(response, $"DELETE {path}", cancellationToken);
        }
    }

    /// <summary>Whether /readyz answers 200 within <paramref name="limit"/>; never throws for an API that is away.</summary>
    public Task<bool> ReadyAsync(TimeSpan limit, CancellationToken cancellationToken = default) =>
        AnswersAsync("/readyz", limit, cancellationToken);

    /// <summary>Whether a path answers 2xx within <paramref name="limit"/>; never throws for an API that is away.</summary>
    public async Task<bool> AnswersAsync(string path, TimeSpan limit, CancellationToken cancellationToken = default)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(limit);
        try
        {
            using var response = await _client.GetAsync(new Uri(path, UriKind.Relative), deadline.Token);
            return response.IsSuccessStatusCode;
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return false;
        }
    }

    /// <summary>Waits until a condition on the API holds.</summary>
    /// <exception cref="LabException">It does not hold within the limit.</exception>
    public async Task WaitAsync(
        string what,
        Func<LabApi, Task<bool>> condition,
        TimeSpan limit,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(condition);
        string? last = null;
        for (var deadline = DateTime.UtcNow + limit; DateTime.UtcNow < deadline; await Task.Delay(100, cancellationToken))
        {
            try
            {
                if (await condition(this))
                {
                    return;
                }
            }
            catch (Exception failure)
                when (failure is HttpRequestException or IOException or LabException
                    || (failure is OperationCanceledException && !cancellationToken.IsCancellationRequested)
                )
            {
                last = failure.Message;
            }
        }

        throw new LabException(
            $"{what} did not come true within {limit.TotalSeconds:0} s{(last is null ? string.Empty : $"; the last error was: {last}")}."
        );
    }

    /// <summary>
    /// Waits until every namespace has what the controller manager puts into it (the cluster's CA, an account): with a large database it
    /// lists for a while before it does anything, and what it adds after a snapshot is a difference to it.
    /// </summary>
    public Task WaitForControllersAsync(CancellationToken cancellationToken = default) =>
        WaitAsync(
            "What the controller manager puts into every namespace",
            _ => HasControllersObjectsAsync(cancellationToken),
            TimeSpan.FromMinutes(2),
            cancellationToken
        );

    private async Task<bool> HasControllersObjectsAsync(CancellationToken cancellationToken)
    {
        var namespaces = await GetAsync("/api/v1/namespaces", cancellationToken);
        foreach (var path in namespaces!["items"]!.AsArray().Select(n => $"/api/v1/namespaces/{n!["metadata"]!["name"]}"))
        {
            if (
                await GetAsync($"{path}/configmaps/kube-root-ca.crt", cancellationToken) is null
                || await GetAsync($"{path}/serviceaccounts/default", cancellationToken) is null
            )
            {
                return false;
            }
        }

        return true;
    }

    public void Dispose()
    {
        _client.Dispose();
        _certificate.Dispose();
    }

    private static async ValueTask<Stream> ConnectAsync(LabCluster cluster, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(IPAddress.Parse(cluster.EndpointAddress), cluster.EndpointPort, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static string Decode(string? base64) => Encoding.ASCII.GetString(Convert.FromBase64String(base64 ?? string.Empty));

    private static async Task<JsonObject> ReadAsync(HttpResponseMessage response, string request, CancellationToken cancellationToken)
    {
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw new LabException($"{request} was answered with {(int)response.StatusCode}: {text}");
        }

        return JsonNode.Parse(text)!.AsObject();
    }

    private async Task<HttpResponseMessage> SendAsync(
        HttpMethod method,
        string path,
        string type,
        JsonObject body,
        CancellationToken cancellationToken
    )
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative))
        {
            Content = new StringContent(body.ToJsonString(), Encoding.UTF8, type),
        };
        return await _client.SendAsync(request, cancellationToken);
    }
}
