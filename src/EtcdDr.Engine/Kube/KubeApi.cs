using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;

namespace EtcdDr.Engine.Kube;

/// <summary>
/// A connection to the kube API of a cluster, over KubernetesClient: JSON in, JSON out, by path (<see cref="KubeResource"/> makes paths).
/// All methods may be called at the same time. Requests that can be repeated are repeated on 429, gateway errors, 503 and broken
/// connections, at another apiserver where there are several routes; all failures are <see cref="EtcdDrException"/>:
/// <c>KubeApiUnreachable</c>, <c>KubeApiCertificateUntrusted</c>, <c>KubeApiUnauthorized</c>, <c>KubeApiForbidden</c>,
/// <c>KubeApiNotFound</c>, <c>KubeApiConflict</c>, <c>KubeApiError</c>, <c>KubeCredentialFailed</c>.
/// </summary>
public sealed class KubeApi : IAsyncDisposable
{
    private static readonly KubeCall Probe = new() { IsProbe = true, Streams = true };

    private readonly KubeconfigContext _context;
    private readonly KubeCredentials _credentials;
    private readonly string? _serverAddress;
    private readonly bool _ownsCredentials;
    private readonly IReadOnlyList<KubeRoute> _routes;
    private readonly KubeClient _client;
    private readonly KubeStandIns? _standIns;

    private KubeApi(
        KubeconfigContext context,
        KubeCredentials credentials,
        bool ownsCredentials,
        string? serverAddress,
        IReadOnlyList<KubeRoute> routes,
        KubeApiSettings? settings,
        KubeStandIns? standIns = null
    )
    {
        (_context, _credentials, _ownsCredentials, _serverAddress, _routes) = (
            context,
            credentials,
            ownsCredentials,
            serverAddress,
            routes
        );
        var limits = settings ?? new KubeApiSettings();
        var endpoint = new KubeEndpoint(context, serverAddress);
        if (standIns is not null)
        {
            (standIns.Context, standIns.Connect) = (context, of => Client(of, null));
        }

        _standIns = standIns;
        _client = Client(credentials, standIns);

        KubeClient Client(KubeCredentials of, KubeStandIns? others) =>
            new(
                of.For(context.Server, handler => endpoint.Configure(handler, of.Identity, limits)),
                new KubeHandler(endpoint, routes, of.Impersonation, limits)
            )
            {
                StandIns = others,
            };
    }

    /// <summary>The server, and the address if another is dialled, for messages.</summary>
    public string DisplayName => _client.DisplayName;

    /// <summary>
    /// Reads the kubeconfig and the credentials, runs a credential plugin if there is one, and makes ready. The API itself is asked nothing
    /// yet.
    /// </summary>
    /// <param name="cluster">The cluster: kubeconfig, context and, if set, the address to dial.</param>
    /// <param name="cancellationToken">Stops the attempt.</param>
    /// <param name="connectTo">
    /// TCP endpoint to dial in place of the server, without a proxy: a forwarded port that leads to one apiserver. The certificate is still
    /// checked against the server's name.
    /// </param>
    /// <param name="settings">Limits; null for the usual ones.</param>
    /// <exception cref="EtcdDrException">
    /// <c>KubeconfigNotFound</c>, <c>KubeconfigUnreadable</c>, <c>KubeconfigInvalid</c>, <c>KubeContextNotFound</c>,
    /// <c>KubeCredentialFailed</c>, <c>FileNotTrusted</c>, <c>ServerAddressInvalid</c>.
    /// </exception>
    public static Task<KubeApi> ConnectAsync(
        EtcdCluster cluster,
        CancellationToken cancellationToken,
        DnsEndPoint? connectTo = null,
        KubeApiSettings? settings = null
    ) => ConnectByRoutesAsync(cluster, [new KubeRoute(connectTo)], cancellationToken, settings);

    /// <summary>As above, by one or more routes: a request that one does not answer is asked over the next. The routes are closed with the
    /// connection.</summary>
    internal static Task<KubeApi> ConnectByRoutesAsync(
        EtcdCluster cluster,
        IReadOnlyList<KubeRoute> routes,
        CancellationToken cancellationToken,
        KubeApiSettings? settings = null,
        KubeStandIns? standIns = null
    ) =>
        ConnectByContextAsync(
            Kubeconfig.Load(cluster.Kubeconfig).Context(cluster.Context),
            cluster.ServerAddress,
            routes,
            cancellationToken,
            settings,
            standIns
        );

    /// <summary>As above, by a context that was read already. A request that is refused to its user is asked by those who stand in for that
    /// one; they are closed with the connection too.</summary>
    internal static async Task<KubeApi> ConnectByContextAsync(
        KubeconfigContext context,
        string? serverAddress,
        IReadOnlyList<KubeRoute> routes,
        CancellationToken cancellationToken,
        KubeApiSettings? settings = null,
        KubeStandIns? standIns = null
    )
    {
        var credentials = await KubeCredentials.LoadAsync(context, cancellationToken);
        try
        {
            return new KubeApi(context, credentials, ownsCredentials: true, serverAddress, routes, settings, standIns);
        }
        catch
        {
            credentials.Dispose();
            throw;
        }
    }

    /// <summary>
    /// A connection of its own with the credentials of this one: neither the kubeconfig is read nor a credential plugin run again. Close it
    /// before this one.
    /// </summary>
    /// <param name="connectTo">As in <see cref="ConnectAsync"/>; null for the cluster's own endpoint.</param>
    /// <param name="settings">Limits.</param>
    public KubeApi Another(DnsEndPoint? connectTo, KubeApiSettings settings) =>
        new(_context, _credentials, ownsCredentials: false, _serverAddress, [new KubeRoute(connectTo)], settings);

    /// <summary>Reads an object.</summary>
    public Task<JsonObject> GetAsync(string path, CancellationToken cancellationToken) =>
        _client.SendJsonAsync(HttpMethod.Get, path, null, isRepeatable: true, cancellationToken);

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
        using var response = await _client.SendAsync(HttpMethod.Get, path, new KubeCall(), null, cancellationToken);
        return await response.Content.ReadAsStringAsync(cancellationToken);
    }

    /// <summary>
    /// Lists objects page by page as they come from the server. Where a page's token has expired (410) the list goes on from a new one that
    /// the server offers, or starts anew; each object comes once. Objects of a list have no <c>kind</c> of their own.
    /// </summary>
    /// <param name="path">The collection, for example <c>/api/v1/pods</c>.</param>
    /// <param name="labelSelector">Label selector; null for all.</param>
    /// <param name="pageSize">Objects per request.</param>
    /// <param name="fieldSelector">Field selector; null for all.</param>
    /// <param name="cancellationToken">Stops listing.</param>
    public IAsyncEnumerable<JsonObject> ListAsync(
        string path,
        string? labelSelector = null,
        int pageSize = 500,
        string? fieldSelector = null,
        CancellationToken cancellationToken = default
    ) => new KubeList(_client, path, labelSelector, fieldSelector, pageSize).ReadAsync(cancellationToken);

    /// <summary>
    /// Lists objects and then follows their changes for as long as it is read. Connections that end or break are made anew; what expired
    /// (410) is listed once more, after <see cref="KubeEventType.Restarted"/>.
    /// </summary>
    /// <param name="path">The collection.</param>
    /// <param name="labelSelector">Label selector; null for all.</param>
    /// <param name="fieldSelector">Field selector; null for all.</param>
    /// <param name="cancellationToken">Stops watching.</param>
    public IAsyncEnumerable<KubeEvent> WatchAsync(
        string path,
        string? labelSelector = null,
        string? fieldSelector = null,
        CancellationToken cancellationToken = default
    ) => new KubeWatch(_client, path, labelSelector, fieldSelector).ReadAsync(cancellationToken);

    /// <summary>Changes an object. A merge can be repeated, so it is on failures that allow it.</summary>
    /// <param name="path">The object, or its <c>/status</c> or <c>/scale</c>.</param>
    /// <param name="patch">The patch.</param>
    /// <param name="kind">How it is merged.</param>
    /// <param name="cancellationToken">Stops the attempt.</param>
    /// <param name="how">How it is written; null for the usual way.</param>
    public Task<JsonObject> PatchAsync(
        string path,
        JsonNode patch,
        KubePatch kind,
        CancellationToken cancellationToken,
        KubeWrite? how = null
    ) => WriteAsync(HttpMethod.Patch, path, patch, MediaType(kind), isRepeatable: kind != KubePatch.Json, how, cancellationToken);

    /// <summary>Server-side apply: makes the object, or the fields that it names, as it says. It can be repeated.</summary>
    /// <param name="path">The object.</param>
    /// <param name="item">The object with <c>apiVersion</c> and <c>kind</c>, and the fields that are meant.</param>
    /// <param name="how">How it is written, with a field manager.</param>
    /// <param name="cancellationToken">Stops the attempt.</param>
    public Task<JsonObject> ApplyAsync(string path, JsonObject item, KubeWrite how, CancellationToken cancellationToken) =>
        WriteAsync(HttpMethod.Patch, path, item, "application/apply-patch+yaml", isRepeatable: true, how, cancellationToken);

    /// <summary>Makes an object in a collection.</summary>
    public Task<JsonObject> CreateAsync(string path, JsonNode item, CancellationToken cancellationToken, KubeWrite? how = null) =>
        WriteAsync(HttpMethod.Post, path, item, "application/json", isRepeatable: false, how, cancellationToken);

    /// <summary>Replaces an object; with <c>metadata.resourceVersion</c> in it only if nobody changed it meanwhile.</summary>
    public Task<JsonObject> ReplaceAsync(string path, JsonNode item, CancellationToken cancellationToken, KubeWrite? how = null) =>
        WriteAsync(HttpMethod.Put, path, item, "application/json", isRepeatable: true, how, cancellationToken);

    /// <summary>Deletes an object.</summary>
    /// <param name="path">The object.</param>
    /// <param name="graceSeconds">Grace period of a pod; null for the object's own.</param>
    /// <param name="cancellationToken">Stops the attempt.</param>
    /// <returns>Whether it was there.</returns>
    public Task<bool> DeleteAsync(string path, int? graceSeconds = null, CancellationToken cancellationToken = default) =>
        DeleteAsync(path, new KubeDelete { GraceSeconds = graceSeconds }, cancellationToken);

    /// <summary>Deletes an object if it is the one that is meant.</summary>
    /// <param name="path">The object.</param>
    /// <param name="how">Which one, and how.</param>
    /// <param name="cancellationToken">Stops the attempt.</param>
    /// <returns>Whether it was there.</returns>
    /// <exception cref="EtcdDrException"><c>KubeApiConflict</c>: another object has its name, or it was changed.</exception>
    public async Task<bool> DeleteAsync(string path, KubeDelete how, CancellationToken cancellationToken)
    {
        // The API server reads options out of the body or out of the query, never out of both: beside a body with preconditions a dry run
        // in the query would be none.
        var inBody = how.Uid is not null || how.ResourceVersion is not null;
        var query = inBody
            ? path
            : KubePath.With(
                path,
                ("gracePeriodSeconds", how.GraceSeconds?.ToString(CultureInfo.InvariantCulture)),
                ("propagationPolicy", how.Propagation),
                ("dryRun", how.DryRun ? "All" : null)
            );
        try
        {
            using var body = inBody ? Options(how) : null;
            using var response = await _client.SendAsync(HttpMethod.Delete, query, new KubeCall(), body, cancellationToken);
            return true;
        }
        catch (EtcdDrException e) when (e.ErrorId == "KubeApiNotFound")
        {
            return false;
        }
    }

    /// <summary>
    /// Asks once, with a short limit, whether a path answers, for example <c>/readyz</c>; where there are several routes, whether it does
    /// over one of them. A refusal of the user (401, 403) is an answer: the server is at work. No connection, a failing handshake, another
    /// status: all are false. Only cancellation throws, and credentials that cannot be read.
    /// </summary>
    public async Task<bool> ProbeAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await _client.SendAsync(HttpMethod.Get, path, Probe, null, cancellationToken);
            return true;
        }
        catch (EtcdDrException e) when (e.ErrorId != "KubeCredentialFailed")
        {
            return e.ErrorId is "KubeApiUnauthorized" or "KubeApiForbidden";
        }
    }

    /// <summary>The apiserver's version.</summary>
    public async Task<KubeVersion> VersionAsync(CancellationToken cancellationToken)
    {
        var version = await AskAsync("/version", client => client.Version.GetCodeAsync(cancellationToken));
        return new KubeVersion(version.GitVersion ?? "", Number(version.Major), Number(version.Minor), version.Platform ?? "");

        // Some distributions write 28+.
        static int Number(string? text) =>
            int.TryParse(text?.TrimEnd('+'), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
    }

    /// <summary>Asks by one of KubernetesClient's typed operations, for what is small: their answers are held whole in memory.</summary>
    /// <param name="path">What is asked for, for messages.</param>
    /// <param name="ask">The operation.</param>
    internal async Task<T> AskAsync<T>(string path, Func<IKubernetes, Task<T>> ask)
    {
        try
        {
            return await ask(_client);
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            throw KubeErrors.BadAnswer(DisplayName, path, e.Message, e);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        _standIns?.Dispose();
        if (_ownsCredentials)
        {
            _credentials.Dispose();
        }

        foreach (var route in _routes)
        {
            await route.DisposeAsync();
        }
    }

    private static string MediaType(KubePatch kind) =>
        kind switch
        {
            KubePatch.Merge => "application/merge-patch+json",
            KubePatch.Json => "application/json-patch+json",
            _ => "application/strategic-merge-patch+json",
        };

    private static StringContent Options(KubeDelete how)
    {
        var options = new V1DeleteOptions
        {
            GracePeriodSeconds = how.GraceSeconds,
            PropagationPolicy = how.Propagation,
            DryRun = how.DryRun ? ["All"] : null,
            Preconditions = new V1Preconditions { Uid = how.Uid, ResourceVersion = how.ResourceVersion },
        };
        return new StringContent(KubernetesJson.Serialize(options), Encoding.UTF8, "application/json");
    }

    private Task<JsonObject> WriteAsync(
        HttpMethod method,
        string path,
        JsonNode body,
        string mediaType,
        bool isRepeatable,
        KubeWrite? how,
        CancellationToken cancellationToken
    )
    {
        var query = KubePath.With(
            path,
            ("dryRun", how?.DryRun == true ? "All" : null),
            ("fieldManager", how?.FieldManager),
            ("force", how?.Force == true ? "true" : null)
        );
        return _client.SendJsonAsync(method, query, new KubeClient.JsonBody(body, mediaType), isRepeatable, cancellationToken);
    }
}
