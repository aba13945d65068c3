namespace EtcdDr.Lab.ApiServer;

/// <summary>A path of the API taken apart: /api/v1/namespaces/ns/pods/name/status and its like.</summary>
internal sealed record RequestInfo(string Group, string Version, string? Namespace, string Plural, string? Name, string? Subresource)
{
    /// <summary>Null when the path names no resource.</summary>
    public static RequestInfo? Parse(string path)
    {
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (parts is ["api", _, _, ..])
            return Parse("", parts[1], parts[2..]);
        return parts is ["apis", _, _, _, ..] ? Parse(parts[1], parts[2], parts[3..]) : null;
    }

    private static RequestInfo Parse(string group, string version, string[] rest)
    {
        // /namespaces/x/pods is in a namespace; /namespaces/x, and x's status and finalize, are the namespace itself.
        if (rest is ["namespaces", var ns, var plural, ..] && !(rest.Length == 3 && plural is "status" or "finalize"))
            return new RequestInfo(group, version, ns, plural, rest.ElementAtOrDefault(3), rest.ElementAtOrDefault(4));
        return new RequestInfo(group, version, null, rest[0], rest.ElementAtOrDefault(1), rest.ElementAtOrDefault(2));
    }
}
