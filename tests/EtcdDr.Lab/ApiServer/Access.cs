using Microsoft.AspNetCore.Http;

namespace EtcdDr.Lab.ApiServer;

/// <summary>What a request wants, as an authorizer is asked about it.</summary>
/// <param name="Verb">get, list, watch, create, update, patch, delete, deletecollection; the method in small letters for other
/// paths.</param>
/// <param name="Group">API group; empty for core.</param>
/// <param name="Resource">As rules name it: pods, deployments/scale; empty for other paths.</param>
/// <param name="Subresource">The part after the slash.</param>
/// <param name="Namespace">The namespace; null at the cluster scope.</param>
/// <param name="Name">The object's name; null for collections.</param>
/// <param name="Path">The path where it names no resource.</param>
internal sealed record Access(
    string Verb,
    string Group,
    string Resource,
    string? Subresource,
    string? Namespace,
    string? Name,
    string? Path
)
{
    public static Access Of(HttpRequest request, string path)
    {
        if (RequestInfo.Parse(path) is not { } info)
            return new Access(request.Method.ToLowerInvariant(), "", "", null, null, null, path);
        var resource = info.Subresource is null ? info.Plural : $"{info.Plural}/{info.Subresource}";
        return new Access(VerbOf(request, info), info.Group, resource, info.Subresource, info.Namespace, info.Name, null);
    }

    private static string VerbOf(HttpRequest request, RequestInfo info) =>
        request.Method switch
        {
            "POST" => "create",
            "PUT" => "update",
            "PATCH" => "patch",
            "DELETE" => info.Name is null ? "deletecollection" : "delete",
            _ when request.Query["watch"] == "true" => "watch",
            _ => info.Name is null ? "list" : "get",
        };

    /// <summary>The refusal in the real one's words.</summary>
    public StatusException Refuse(User user)
    {
        if (Path is not null)
            return new StatusException(403, "Forbidden", $"forbidden: User \"{user.Name}\" cannot {Verb} path \"{Path}\"", []);
        var plural = Resource.Split('/')[0];
        var qualified = Group.Length > 0 ? $"{plural}.{Group}" : plural;
        var what = Name is null ? qualified : $"{qualified} \"{Name}\"";
        var where = Namespace is null ? "at the cluster scope" : $"in the namespace \"{Namespace}\"";
        var details = new System.Text.Json.Nodes.JsonObject();
        if (Name is not null)
            details["name"] = Name;
        if (Group.Length > 0)
            details["group"] = Group;
        details["kind"] = plural;
        return new StatusException(
            403,
            "Forbidden",
            $"{what} is forbidden: User \"{user.Name}\" cannot {Verb} resource \"{Resource}\" in API group \"{Group}\" {where}",
            details
        );
    }
}
