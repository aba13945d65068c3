using System.Net;
using System.Text.Json.Nodes;
using EtcdDr.Lab.Played;

namespace EtcdDr.Lab.Controllers;

/// <summary>A loop that looks at everything it watches whenever something changes, and now and then; clusters of the lab are small enough
/// for that.</summary>
internal abstract class ReconcileLoop(ApiClient api, TimeSpan interval) : IDisposable
{
    private readonly Alarm alarm = new();
    private readonly List<Reflector> reflectors = [];

    protected ApiClient Api => api;

    public void Dispose() => alarm.Dispose();

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var watching = reflectors.ConvertAll(r => r.RunAsync(cancellationToken));
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await alarm.WaitAsync(interval, cancellationToken);
                // Changes come in bursts.
                await Task.Delay(150, cancellationToken);
                if (reflectors.TrueForAll(r => r.Synced))
                    await ReconcileAsync(cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                break;
            }
        }

        await Task.WhenAll(watching);
    }

    protected Reflector Watch(string path)
    {
        var reflector = new Reflector(api, path, alarm.Ring, ComponentProcess.Log);
        reflectors.Add(reflector);
        return reflector;
    }

    protected abstract Task ReconcileAsync(CancellationToken cancellationToken);

    /// <summary>One object's turn: what fails for it does not stop the others', and is tried again at the next look.</summary>
    protected static async Task TryAsync(string what, Func<Task> step)
    {
        try
        {
            await step();
        }
        catch (ApiException exception) when (exception.Code is HttpStatusCode.Conflict or HttpStatusCode.NotFound)
        {
            // Changed or removed meanwhile; the watch tells.
        }
        catch (Exception exception) when (exception is HttpRequestException or TimeoutException or IOException or ApiException)
        {
            ComponentProcess.Log($"{what}: {exception.Message}");
        }
    }

    /// <summary>Writes a status when it differs from the one known.</summary>
    protected async Task ReportAsync(string path, JsonObject item, JsonObject status, CancellationToken cancellationToken)
    {
        var merged = (item.At("status") as JsonObject)?.Copy() ?? [];
        foreach (var (name, value) in status)
            merged[name] = value?.DeepClone();
        if (JsonNode.DeepEquals(merged, item.At("status")))
            return;
        await Api.MergeAsync($"{path}/status", new JsonObject { ["status"] = status.Copy() }, cancellationToken);
        item["status"] = merged;
    }

    protected static bool Active(JsonObject pod) =>
        pod.At("metadata", "deletionTimestamp") is null && pod.Text("status", "phase") is not ("Succeeded" or "Failed");
}
