using System.Text.Json.Nodes;
using EtcdDr.Lab.Played;
using Microsoft.AspNetCore.Http;

namespace EtcdDr.Lab.ApiServer;

/// <summary>
/// Faults on order, from a file that is read anew whenever it changed: <c>tooManyRequests</c>, <c>conflict</c> and <c>slow</c>, each with
/// <c>every</c> (2: every second request). Administrators of system:masters, nodes and the control plane are spared, as the real one's
/// priority levels keep them apart from everybody else.
/// </summary>
internal sealed class OrderedFaults(string file)
{
    /// <summary>Where a node of the lab has them.</summary>
    public const string UsualFile = "/etc/lab/apiserver-faults.json";

    private readonly Lock reading = new();
    private (DateTime Written, JsonNode? Orders) known;
    private int requests;
    private int writes;

    /// <summary>Keeps a request waiting, or refuses it.</summary>
    /// <returns>Whether it was answered.</returns>
    public async Task<bool> StrikeAsync(HttpContext context, User user)
    {
        if (Orders() is not { } orders || user.Groups.Contains("system:masters") || user.IsOfControlPlane)
            return false;
        var count = Interlocked.Increment(ref requests);
        if (Due(orders, "slow", count))
            await Task.Delay(TimeSpan.FromMilliseconds(orders.Number("slow", "milliseconds") ?? 1000), context.RequestAborted);
        if (!Due(orders, "tooManyRequests", count))
            return false;

        // endpoints/filters: no Status object, but text.
        context.Response.StatusCode = 429;
        context.Response.Headers.RetryAfter = (orders.Number("tooManyRequests", "retryAfterSeconds") ?? 1).ToString();
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.ContentType = "text/plain; charset=utf-8";
        await context.Response.WriteAsync("Too many requests, please try again later.\n", context.RequestAborted);
        return true;
    }

    /// <summary>A write that another came before.</summary>
    /// <exception cref="StatusException">409.</exception>
    public void Contend(HttpContext context, Resource resource, string name)
    {
        if (
            context.Request.Method is "PUT" or "PATCH"
            && context.Items[typeof(User)] is User { IsOfControlPlane: false }
            && Orders() is { } orders
            && Due(orders, "conflict", Interlocked.Increment(ref writes))
        )
            throw StatusException.Conflict(resource, name);
    }

    private static bool Due(JsonNode orders, string fault, int count) =>
        orders.Number(fault, "every") is > 0 and var every && count % every == 0;

    private JsonNode? Orders()
    {
        lock (reading)
        {
            var written = File.GetLastWriteTimeUtc(file);
            if (written != known.Written)
                known = (written, File.Exists(file) ? JsonNode.Parse(File.ReadAllText(file)) : null);
            return known.Orders;
        }
    }
}
