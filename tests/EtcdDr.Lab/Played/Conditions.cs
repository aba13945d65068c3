using System.Text.Json.Nodes;

namespace EtcdDr.Lab.Played;

/// <summary>Conditions in a status.</summary>
internal static class Conditions
{
    /// <summary>Sets a condition; its transition time changes only with its status.</summary>
    public static void Set(JsonObject item, string type, string status, string? reason, string? message = null, bool heartbeat = false)
    {
        var list = item.Make("status")["conditions"] as JsonArray;
        if (list is null)
            item.Make("status")["conditions"] = list = [];
        var found = list.OfType<JsonObject>().FirstOrDefault(c => c.Text("type") == type);
        if (found is null)
            list.Add(found = new JsonObject { ["type"] = type });
        var now = Json.Time(DateTimeOffset.UtcNow);
        if (found.Text("status") != status)
            found["lastTransitionTime"] = now;
        found["status"] = status;
        if (reason is not null)
            found["reason"] = reason;
        if (message is not null)
            found["message"] = message;
        if (heartbeat)
            found["lastHeartbeatTime"] = now;
    }

    public static string? Status(JsonObject? item, string type) =>
        item.Items("status", "conditions").FirstOrDefault(c => c.Text("type") == type).Text("status");
}
