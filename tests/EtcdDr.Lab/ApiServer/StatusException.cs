using System.Text.Json.Nodes;

namespace EtcdDr.Lab.ApiServer;

/// <summary>A failure that is answered as a Status object, with the real one's codes, reasons and words.</summary>
internal sealed class StatusException(int code, string reason, string message, JsonObject? details = null) : Exception(message)
{
    public int Code { get; } = code;

    public JsonObject ToStatus()
    {
        var status = new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject(),
            ["status"] = "Failure",
            ["message"] = Message,
            ["reason"] = reason,
        };
        if (details is not null)
            status["details"] = details.DeepClone();
        status["code"] = Code;
        return status;
    }

    public static StatusException NotFound(Resource resource, string name) =>
        new(404, "NotFound", $"{resource.FullName} \"{name}\" not found", Details(resource, name));

    public static StatusException NoPath() => new(404, "NotFound", "the server could not find the requested resource", []);

    public static StatusException AlreadyExists(Resource resource, string name) =>
        new(409, "AlreadyExists", $"{resource.FullName} \"{name}\" already exists", Details(resource, name));

    public static StatusException Conflict(Resource resource, string name, string? why = null) =>
        new(
            409,
            "Conflict",
            $"Operation cannot be fulfilled on {resource.FullName} \"{name}\": "
                + $"{why ?? "the object has been modified; please apply your changes to the latest version and try again"}",
            Details(resource, name)
        );

    /// <summary>Fields of an apply that others own and that differ.</summary>
    public static StatusException ApplyConflict(Resource resource, string name, IReadOnlyList<(string Manager, string Field)> conflicts)
    {
        var details = Details(resource, name);
        details["causes"] = new JsonArray([
            .. conflicts.Select(c =>
                (JsonNode)
                    new JsonObject
                    {
                        ["reason"] = "FieldManagerConflict",
                        ["message"] = $"conflict with \"{c.Manager}\" using {resource.ApiVersion}",
                        ["field"] = c.Field,
                    }
            ),
        ]);
        return new(
            409,
            "Conflict",
            $"Apply failed with {conflicts.Count} conflicts: "
                + string.Join(", ", conflicts.Select(c => $"conflict with \"{c.Manager}\" using {resource.ApiVersion}: {c.Field}")),
            details
        );
    }

    public static StatusException BadRequest(string message) => new(400, "BadRequest", message);

    public static StatusException Invalid(Resource resource, string name, string why) =>
        new(422, "Invalid", $"{resource.Kind} \"{name}\" is invalid: {why}", Details(resource, name));

    public static StatusException Expired(string message) => new(410, "Expired", message);

    public static StatusException TooLarge(long wanted, long current) =>
        new(
            504,
            "Timeout",
            $"Timeout: Too large resource version: {wanted}, current: {current}",
            new JsonObject
            {
                ["causes"] = new JsonArray(
                    new JsonObject { ["reason"] = "ResourceVersionTooLarge", ["message"] = "Too large resource version" }
                ),
                ["retryAfterSeconds"] = 1,
            }
        );

    public static StatusException Unauthorized() => new(401, "Unauthorized", "Unauthorized");

    private static JsonObject Details(Resource resource, string name)
    {
        var details = new JsonObject { ["name"] = name };
        if (resource.Group.Length > 0)
            details["group"] = resource.Group;
        details["kind"] = resource.Plural;
        return details;
    }
}
