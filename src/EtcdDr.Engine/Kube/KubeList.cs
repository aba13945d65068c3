using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using k8s.Autorest;

namespace EtcdDr.Engine.Kube;

/// <summary>
/// A list that is read object by object as its pages come, so that memory holds one object whatever a page weighs. A page that breaks off
/// is asked for again; where a page's token has expired (410) the list goes on from a new one that the server offers, or starts anew; each
/// object comes once.
/// </summary>
internal sealed class KubeList(KubeClient client, string path, string? labelSelector, string? fieldSelector, int pageSize)
{
    private const int MaximumRestarts = 3;

    private readonly HashSet<Guid> _seen = [];
    private Page? _page;
    private string? _continue;
    private bool _done;
    private int _restarts;
    private int _failures;

    /// <summary>Resource version to watch from. Known once all objects are read.</summary>
    public string? ResourceVersion { get; private set; }

    /// <summary>Reads the list, once.</summary>
    public async IAsyncEnumerable<JsonObject> ReadAsync(
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        try
        {
            while (!_done)
            {
                if (await NextAsync(cancellationToken) is { } item)
                {
                    yield return item;
                }
            }
        }
        finally
        {
            _page?.Dispose();
        }
    }

    // The next object; null where a page has ended, has expired or broke off.
    private async Task<JsonObject?> NextAsync(CancellationToken cancellationToken)
    {
        try
        {
            _page ??= await OpenAsync(cancellationToken);
            if (await _page.NextAsync(_seen, client.Settings.RequestTimeout) is { } item)
            {
                return item;
            }

            (_continue, ResourceVersion, _failures) = (_page.Reader.Continue, _page.Reader.ResourceVersion, 0);
            _done = _continue is null;
        }
        catch (HttpOperationException e) when (e.Response.StatusCode == HttpStatusCode.Gone)
        {
            Restart(e.Response.Content);
        }
        catch (Exception e)
            when (KubeHandler.IsNetworkFailure(e)
                || e is JsonException
                || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested)
            )
        {
            if (++_failures >= client.Settings.Attempts || e is OperationCanceledException)
            {
                throw client.Failure(path, e);
            }

            await Task.Delay(KubeRetry.Delay(client.Settings, _failures, null), cancellationToken);
        }

        _page?.Dispose();
        _page = null;
        return null;
    }

    private async Task<Page> OpenAsync(CancellationToken cancellationToken)
    {
        var query = KubePath.With(
            path,
            ("limit", pageSize.ToString(CultureInfo.InvariantCulture)),
            ("labelSelector", labelSelector),
            ("fieldSelector", fieldSelector),
            ("continue", _continue)
        );
        var response = await client.StreamAsync(query, cancellationToken);
        return new Page(response, await response.Content.ReadAsStreamAsync(cancellationToken), cancellationToken);
    }

    private void Restart(string answer)
    {
        if (++_restarts > MaximumRestarts)
        {
            throw KubeErrors.FromStatus(client.DisplayName, "GET", path, HttpStatusCode.Gone, answer);
        }

        _continue = KubeErrors.Status(answer)?.Metadata?.ContinueProperty is { Length: > 0 } token ? token : null;
    }

    private sealed class Page(HttpResponseMessage response, Stream content, CancellationToken cancellationToken) : IDisposable
    {
        private readonly CancellationTokenSource _silence = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);

        public KubeListReader Reader { get; } = new(content);

        // The limit is for the server's silence, not for what the caller does with an object.
        public async Task<JsonObject?> NextAsync(HashSet<Guid> seen, TimeSpan limit)
        {
            _silence.CancelAfter(limit);
            while (await Reader.NextAsync(_silence.Token) is { } item)
            {
                if (seen.Add(Identity(item)))
                {
                    _silence.CancelAfter(Timeout.InfiniteTimeSpan);
                    return item;
                }
            }

            return null;
        }

        public void Dispose()
        {
            Reader.Dispose();
            response.Dispose();
            _silence.Dispose();
        }

        // A number for each object in place of its name keeps memory small: 16 bytes each.
        private static Guid Identity(JsonObject item)
        {
            var metadata = item["metadata"] as JsonObject;
            if (Guid.TryParse((string?)metadata?["uid"], out var uid))
            {
                return uid;
            }

            var key = Encoding.UTF8.GetBytes($"{(string?)metadata?["namespace"]}/{(string?)metadata?["name"]}");
            return new Guid(SHA256.HashData(key).AsSpan(0, 16));
        }
    }
}
