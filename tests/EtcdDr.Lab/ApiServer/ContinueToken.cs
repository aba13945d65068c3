using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EtcdDr.Lab.Played;

namespace EtcdDr.Lab.ApiServer;

/// <summary>The continue token of paged lists, in the real one's format (meta.k8s.io/v1).</summary>
internal static class ContinueToken
{
    public static string Make(long revision, string prefix, string lastKey)
    {
        var body = new JsonObject
        {
            ["v"] = "meta.k8s.io/v1",
            ["rv"] = revision,
            ["start"] = lastKey[prefix.Length..] + "\0",
        };
        return Authentication.Base64Url(Encoding.UTF8.GetBytes(body.ToJsonString()));
    }

    public static (long Revision, string Start) Read(string token, string prefix)
    {
        try
        {
            var body = JsonNode.Parse(Authentication.Decode(token));
            if (body.Text("v") == "meta.k8s.io/v1" && body.Text("start") is { Length: > 0 } start && body.Number("rv") is { } revision)
                return (revision, prefix + start);
        }
        catch (Exception exception) when (exception is FormatException or JsonException)
        {
            // Said below.
        }

        throw StatusException.BadRequest("continue key is not valid: invalid continue token");
    }
}
