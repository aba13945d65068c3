using System.Text.Json.Nodes;
using EtcdDr.Lab.Played;
using Microsoft.AspNetCore.Http;

namespace EtcdDr.Lab.ApiServer;

/// <summary>Writes watch events, one JSON object a line.</summary>
internal sealed class WatchWriter(HttpContext context, Resource resource, bool bookmarks) : IDisposable
{
    private readonly SemaphoreSlim gate = new(1, 1);
    private bool started;

    public long Revision { get; set; }

    public void Dispose() => gate.Dispose();

    public async Task StartAsync()
    {
        if (started)
            return;
        started = true;
        context.Response.StatusCode = 200;
        context.Response.ContentType = "application/json";
        await context.Response.StartAsync(context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }

    public async Task WriteAsync(string type, JsonObject item, long revision)
    {
        var line = Json.Bytes(new JsonObject { ["type"] = type, ["object"] = item.Parent is null ? item : item.DeepClone() });
        await gate.WaitAsync(context.RequestAborted);
        try
        {
            await context.Response.Body.WriteAsync(line, context.RequestAborted);
            await context.Response.Body.WriteAsync("\n"u8.ToArray(), context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            if (revision > Revision)
                Revision = revision;
        }
        finally
        {
            gate.Release();
        }
    }

    public Task BookmarkAsync(long revision, bool initialEnd)
    {
        var metadata = new JsonObject { ["resourceVersion"] = Defaults.Text(revision), ["creationTimestamp"] = null };
        if (initialEnd)
            metadata["annotations"] = new JsonObject { ["k8s.io/initial-events-end"] = "true" };
        return WriteAsync(
            "BOOKMARK",
            new JsonObject
            {
                ["kind"] = resource.Kind,
                ["apiVersion"] = resource.ApiVersion,
                ["metadata"] = metadata,
            },
            revision
        );
    }

    public void BookmarkInBackground()
    {
        if (bookmarks)
            _ = SendQuietlyAsync();
    }

    private async Task SendQuietlyAsync()
    {
        try
        {
            await BookmarkAsync(Revision, initialEnd: false);
        }
        catch (Exception exception)
            when (exception is OperationCanceledException or IOException or ObjectDisposedException or InvalidOperationException)
        {
            ComponentProcess.Log($"A watcher of {resource.Plural} went: {exception.Message}");
        }
    }
}
