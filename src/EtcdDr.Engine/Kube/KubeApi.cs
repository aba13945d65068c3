using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EtcdDr.Engine.Kube;

/// <summary>
/// A connection to the kube API of a cluster: JSON in, JSON out. All methods may be called at the same time. Requests that can be repeated are
/// repeated on 429, gateway errors, 503 and broken connections; all failures are <see cref="EtcdDrException"/>: <c>KubeApiUnreachable</c>,
/// <c>KubeApiCertificateUntrusted</c>, <c>KubeApiUnauthorized</c>, <c>KubeApiForbidden</c>, <c>KubeApiNotFound</c>, <c>KubeApiConflict</c>,
/// <c>KubeApiError</c>.
/// </summary>
public sealed class KubeApi : IAsyncDisposable
{
    private readonly KubeTransport _transport;
    private readonly KubeconfigContext _context;
    private readonly KubeCredentials _credentials;
    private readonly string? _serverAddress;
    private readonly bool _ownsCredentials;

    private KubeApi(KubeconfigContext context, KubeCredentials credentials, bool ownsCredentials, string? serverAddress, DnsEndPoint? connectTo, KubeApiSettings settings)
    {
        (_context, _credentials, _ownsCredentials, _serverAddress) = (context, credentials, ownsCredentials, serverAddress);
        _transport = new KubeTransport(new KubeEndpoint(context, serverAddress, connectTo), credentials, settings);
    }

    /// <summary>The server, and the address if another is dialled, for messages.</summary>
    public string DisplayName => _transport.DisplayName;

    /// <summary>
    /// Reads the kubeconfig and the credentials, runs a credential plugin if there is one, and makes ready. The API itself is asked nothing yet.
    /// </summary>
    /// <param name="cluster">The cluster: kubeconfig, context and, if set, the address to dial.</param>
    /// <param name="cancellationToken">Stops the attempt.</param>
    /// <param name="connectTo">
    /// TCP endpoint to dial in place of the server, without a proxy: a forwarded port that leads to one apiserver. The certificate is still checked
    /// against the server's name.
    /// </param>
    /// <param name="settings">Limits; null for the usual ones.</param>
    /// <exception cref="EtcdDrException">
    /// <c>KubeconfigNotFound</c>, <c>KubeconfigUnreadable</c>, <c>KubeconfigInvalid</c>, <c>KubeContextNotFound</c>, <c>KubeCredentialFailed</c>,
    /// <c>ServerAddressInvalid</c>.
    /// </exception>
    public static async Task<KubeApi> ConnectAsync(
        EtcdCluster cluster, CancellationToken cancellationToken, DnsEndPoint? connectTo = null, KubeApiSettings? settings = null)
    {
        var context = Kubeconfig.Load(cluster.Kubeconfig).Context(cluster.Context);
        var credentials = await KubeCredentials.LoadAsync(context, cancellationToken);
        try
        {
            return new KubeApi(context, credentials, ownsCredentials: true, cluster.ServerAddress, connectTo, settings ?? new KubeApiSettings());
        }
        catch
        {
            credentials.Dispose();
            throw;
        }
    }

    /// <summary>
    /// A connection of its own with the credentials of this one: neither the kubeconfig is read nor a credential plugin run again. Close it before this one.
    /// </summary>
    /// <param name="connectTo">As in <see cref="ConnectAsync"/>; null for the cluster's own endpoint.</param>
    /// <param name="settings">Limits.</param>
    public KubeApi Another(DnsEndPoint? connectTo, KubeApiSettings settings) => new(_context, _credentials, ownsCredentials: false, _serverAddress, connectTo, settings);

    /// <summary>Reads an object.</summary>
    public async Task<JsonObject> GetAsync(string path, CancellationToken cancellationToken) =>
        await SendForObjectAsync(HttpMethod.Get, path, null, idempotent: true, cancellationToken);

    /// <summary>Reads an object; null if it is not there.</summary>
    public async Task<JsonObject?> FindAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return await GetAsync(path, cancellationToken);
        }
        catch (EtcdDrException e) when (e.ErrorId == "KubeApiNotFound")
        {
            return null;
        }
    }

    /// <summary>Reads text, for example <c>/readyz?verbose</c>.</summary>
    public async Task<string> GetTextAsync(string path, CancellationToken cancellationToken)
    {
        using var answer = await _transport.SendAsync(new KubeRequest(HttpMethod.Get, path), cancellationToken);
        return await answer.Response.Content.ReadAsStringAsync(answer.Token);
    }

    /// <summary>
    /// Lists objects page by page as they come from the server. Where a page's token has expired (410) the list goes on from a new one that the
    /// server offers, or starts anew; each object comes once. Objects of a list have no <c>kind</c> of their own.
    /// </summary>
    /// <param name="path">The collection, for example <c>/api/v1/pods</c>.</param>
    /// <param name="labelSelector">Label selector; null for all.</param>
    /// <param name="pageSize">Objects per request.</param>
    /// <param name="fieldSelector">Field selector; null for all.</param>
    /// <param name="cancellationToken">Stops listing.</param>
    public async IAsyncEnumerable<JsonObject> ListAsync(
        string path,
        string? labelSelector = null,
        int pageSize = 500,
        string? fieldSelector = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var seen = new HashSet<Guid>();
        var cursor = new KubeListCursor();
        do
        {
            var page = ListPath(path, labelSelector, pageSize, fieldSelector, cursor.Continue);
            using var reading = new KubeListPage(_transport, page, cursor, seen);
            while (await reading.NextAsync(cancellationToken) is { } item)
            {
                yield return item;
            }
        }
        while (!cursor.Done);
    }

    /// <summary>Changes an object. A merge can be repeated, so it is on failures that allow it.</summary>
    public Task<JsonObject> PatchAsync(string path, JsonNode patch, KubePatch kind, CancellationToken cancellationToken)
    {
        var mediaType = kind == KubePatch.Merge ? "application/merge-patch+json" : "application/strategic-merge-patch+json";
        return SendForObjectAsync(HttpMethod.Patch, path, new KubeBody(patch.ToJsonString(), mediaType), idempotent: true, cancellationToken);
    }

    /// <summary>Makes an object in a collection.</summary>
    public Task<JsonObject> CreateAsync(string path, JsonNode item, CancellationToken cancellationToken) =>
        SendForObjectAsync(HttpMethod.Post, path, new KubeBody(item.ToJsonString(), "application/json"), idempotent: false, cancellationToken);

    /// <summary>Replaces an object; with <c>metadata.resourceVersion</c> in it only if nobody changed it meanwhile.</summary>
    public Task<JsonObject> ReplaceAsync(string path, JsonNode item, CancellationToken cancellationToken) =>
        SendForObjectAsync(HttpMethod.Put, path, new KubeBody(item.ToJsonString(), "application/json"), idempotent: true, cancellationToken);

    /// <summary>Deletes an object.</summary>
    /// <param name="path">The object.</param>
    /// <param name="graceSeconds">Grace period of a pod; null for the object's own.</param>
    /// <param name="cancellationToken">Stops the attempt.</param>
    /// <returns>Whether it was there.</returns>
    public async Task<bool> DeleteAsync(string path, int? graceSeconds = null, CancellationToken cancellationToken = default)
    {
        var query = graceSeconds is { } seconds ? string.Create(CultureInfo.InvariantCulture, $"?gracePeriodSeconds={seconds}") : "";
        try
        {
            using var answer = await _transport.SendAsync(new KubeRequest(HttpMethod.Delete, path + query), cancellationToken);
            return true;
        }
        catch (EtcdDrException e) when (e.ErrorId == "KubeApiNotFound")
        {
            return false;
        }
    }

    /// <summary>
    /// Asks once, with a short limit, whether a path answers with 2xx, for example <c>/readyz</c>. No connection, a failing handshake, another
    /// status: all are false. Only cancellation throws, and credentials that cannot be read.
    /// </summary>
    public Task<bool> ProbeAsync(string path, CancellationToken cancellationToken) => _transport.ProbeAsync(path, cancellationToken);

    /// <summary>The apiserver's version.</summary>
    public async Task<KubeVersion> VersionAsync(CancellationToken cancellationToken)
    {
        var version = await GetAsync("/version", cancellationToken);
        return new KubeVersion(Text("gitVersion"), Number("major"), Number("minor"), Text("platform"));

        string Text(string key) => version[key]?.GetValue<string>() ?? "";

        // Some distributions write 28+.
        int Number(string key) => int.TryParse(Text(key).TrimEnd('+'), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _transport.Dispose();
        if (_ownsCredentials)
        {
            _credentials.Dispose();
        }

        return ValueTask.CompletedTask;
    }

    private static string ListPath(string path, string? labelSelector, int pageSize, string? fieldSelector, string? continueToken)
    {
        var query = new StringBuilder(path).Append(path.Contains('?', StringComparison.Ordinal) ? '&' : '?').Append(CultureInfo.InvariantCulture, $"limit={pageSize}");
        Append("labelSelector", labelSelector);
        Append("fieldSelector", fieldSelector);
        Append("continue", continueToken);
        return query.ToString();

        void Append(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                query.Append('&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
            }
        }
    }

    private async Task<JsonObject> SendForObjectAsync(HttpMethod method, string path, KubeBody? body, bool idempotent, CancellationToken cancellationToken)
    {
        using var answer = await _transport.SendAsync(new KubeRequest(method, path) { Body = body, Idempotent = idempotent }, cancellationToken);
        var text = await answer.Response.Content.ReadAsByteArrayAsync(answer.Token);
        try
        {
            return JsonNode.Parse(text) as JsonObject ?? throw KubeErrors.BadAnswer(DisplayName, path, Errors.KubeApiError_NoObject_Part);
        }
        catch (JsonException e)
        {
            throw KubeErrors.BadAnswer(DisplayName, path, Errors.KubeApiError_NoJson_Part, e);
        }
    }
}
