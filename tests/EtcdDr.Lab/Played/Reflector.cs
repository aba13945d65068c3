using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;

namespace EtcdDr.Lab.Played;

/// <summary>
/// Keeps what the API says of one resource, by list and watch, as client-go's reflector does; also in this: after a broken watch it goes on
/// from the resource version that it knows, so a store that was set back underneath leaves it blind until it is restarted or the server
/// says 410.
/// </summary>
internal sealed class Reflector(ApiClient api, string path, Action changed, Action<string> log)
{
    private volatile bool synced;

    /// <summary>The objects by namespace/name.</summary>
    public ConcurrentDictionary<string, JsonObject> Items { get; } = new();

    /// <summary>Whether the first list is complete.</summary>
    public bool Synced => synced;

    public static string Key(JsonObject item) => $"{item.Namespace()}/{item.Name()}";

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var wait = TimeSpan.FromSeconds(0.8);
        string? version = null;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                version ??= await ListAsync(cancellationToken);
                await foreach (var change in api.WatchAsync(path, version, cancellationToken))
                {
                    if (change.Text("type") == "ERROR")
                    {
                        if (change.Number("object", "code") == 410)
                            version = null;
                        break;
                    }

                    version = Apply(change) ?? version;
                    wait = TimeSpan.FromSeconds(0.8);
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (ApiException exception) when (exception.Code == HttpStatusCode.Gone)
            {
                version = null;
            }
            catch (Exception exception)
                when (exception is HttpRequestException or IOException or TimeoutException or ApiException or OperationCanceledException)
            {
                log($"watch of {path}: {exception.Message}");
            }

            await Task.Delay(wait * (1 + Random.Shared.NextDouble()), cancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            // Client-go's back-off: 0.8 s doubling to 30 s.
            wait = TimeSpan.FromSeconds(Math.Min(30, wait.TotalSeconds * 2));
        }
    }

    private async Task<string> ListAsync(CancellationToken cancellationToken)
    {
        var list = await api.SendAsync(HttpMethod.Get, path, null, null, cancellationToken);
        var seen = new HashSet<string>();
        foreach (var item in list.Items("items").ToArray())
        {
            seen.Add(Key(item));
            Items[Key(item)] = item;
        }

        foreach (var gone in Items.Keys.Where(k => !seen.Contains(k)).ToArray())
            Items.TryRemove(gone, out _);
        synced = true;
        changed();
        return list.Text("metadata", "resourceVersion") ?? "0";
    }

    private string? Apply(JsonObject change)
    {
        if (change.At("object") is not JsonObject item)
            return null;
        switch (change.Text("type"))
        {
            case "ADDED" or "MODIFIED":
                Items[Key(item)] = item;
                changed();
                break;
            case "DELETED":
                Items.TryRemove(Key(item), out _);
                changed();
                break;
        }

        return item.Text("metadata", "resourceVersion");
    }
}
