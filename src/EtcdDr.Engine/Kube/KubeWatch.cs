using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using k8s.Autorest;

namespace EtcdDr.Engine.Kube;

/// <summary>
/// Lists a collection and then follows its changes for as long as it is read: a connection that ends or breaks is made anew from the last
/// event, and a server that has forgotten that event (410) is asked for the list once more.
/// </summary>
internal sealed class KubeWatch(KubeClient client, string path, string? labelSelector, string? fieldSelector)
{
    private const int PageSize = 500;

    // The server ends each connection after this time, so that one that died without a word is known to be dead soon after.
    private static readonly TimeSpan Connection = TimeSpan.FromMinutes(5);

    private string? _version;
    private int _failures;

    /// <summary>The events; never ends by itself.</summary>
    public async IAsyncEnumerable<KubeEvent> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            var list = new KubeList(client, path, labelSelector, fieldSelector, PageSize);
            await foreach (var item in list.ReadAsync(cancellationToken))
            {
                yield return new KubeEvent(KubeEventType.Added, item);
            }

            yield return new KubeEvent(KubeEventType.Listed);
            _version = list.ResourceVersion ?? throw client.Failure(path, new JsonException(Errors.KubeApiError_NoList_Part));
            while (_version is not null)
            {
                using var connection = await OpenAsync(cancellationToken);
                while (connection is not null && await NextAsync(connection, cancellationToken) is { } change)
                {
                    yield return change;
                }
            }

            yield return new KubeEvent(KubeEventType.Restarted);
        }
    }

    // Null where the version has expired.
    private async Task<StreamReader?> OpenAsync(CancellationToken cancellationToken)
    {
        var query = KubePath.With(
            path,
            ("watch", "true"),
            ("allowWatchBookmarks", "true"),
            ("resourceVersion", _version),
            ("timeoutSeconds", Connection.TotalSeconds.ToString(CultureInfo.InvariantCulture)),
            ("labelSelector", labelSelector),
            ("fieldSelector", fieldSelector)
        );
        try
        {
            var response = await client.StreamAsync(query, cancellationToken);
            return new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
        }
        catch (HttpOperationException e) when (e.Response.StatusCode == HttpStatusCode.Gone)
        {
            _version = null;
            return null;
        }
    }

    // The next change; null where the connection has ended. The version says whether there is a way on.
    private async Task<KubeEvent?> NextAsync(StreamReader connection, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Connection + client.Settings.RequestTimeout);
        try
        {
            while (await connection.ReadLineAsync(limit.Token) is { } line)
            {
                var change = JsonNode.Parse(line) as JsonObject ?? throw new JsonException(Errors.KubeApiError_NoObject_Part);
                _failures = 0;
                if (Read(change) is { } known)
                {
                    return known;
                }

                if (_version is null)
                {
                    return null;
                }
            }

            // The server ended it: after its time, or because it stops.
            await Task.Delay(client.Settings.RetryDelay, cancellationToken);
            return null;
        }
        catch (Exception e)
            when (KubeHandler.IsNetworkFailure(e)
                || e is JsonException
                || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested)
            )
        {
            if (++_failures >= client.Settings.Attempts)
            {
                throw client.Failure(path, e);
            }

            await Task.Delay(KubeRetry.Delay(client.Settings, _failures, null), cancellationToken);
            return null;
        }
    }

    private KubeEvent? Read(JsonObject change)
    {
        var item = change["object"] as JsonObject;
        var type = (string?)change["type"];
        if (type == "ERROR")
        {
            var code = (HttpStatusCode)((int?)item?["code"] ?? 0);
            _version =
                code == HttpStatusCode.Gone
                    ? null
                    : throw KubeErrors.FromStatus(client.DisplayName, "WATCH", path, code, item?.ToJsonString() ?? "");
            return null;
        }

        _version = (string?)item?["metadata"]?["resourceVersion"] ?? _version;
        return type switch
        {
            "ADDED" => new KubeEvent(KubeEventType.Added, item),
            "MODIFIED" => new KubeEvent(KubeEventType.Modified, item),
            "DELETED" => new KubeEvent(KubeEventType.Deleted, item),
            _ => null,
        };
    }
}
