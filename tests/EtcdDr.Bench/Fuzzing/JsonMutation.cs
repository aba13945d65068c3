using System.Text;
using System.Text.Json.Nodes;

namespace EtcdDr.Bench.Fuzzing;

/// <summary>Ways to make a JSON document hostile that is still JSON: values of another kind, numbers out of range, names that lead
/// elsewhere. The same random numbers give the same input.</summary>
public static class JsonMutation
{
    private static readonly string[] Values =
    [
        "null",
        "true",
        "-1",
        "0",
        "1e300",
        "-1e300",
        "1e-300",
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775808",
        "4294967296",
        "0.5",
        "[]",
        "[null]",
        "[[]]",
        "{}",
        "{\"\":null}",
        "\"\"",
        "\".\"",
        "\"..\"",
        "\"../../etc/passwd\"",
        "\"/etc/passwd\"",
        "\"C:\\\\x\"",
        "\"c:x\"",
        "\"a\\\\b\"",
        "\"nul\"",
        "\"COM1.txt\"",
        "\"a:b\"",
        "\"\\u0000\"",
        "\"\\u001b[2J\"",
        "\"\\r\\n\"",
        "\"\\ud800\"",
        "\"NaN\"",
        "\"1e300\"",
        "\"0001-01-01T00:00:00+14:00\"",
        "\"9999-12-31T23:59:59.9999999-14:00\"",
        "\"2026-02-30T00:00:00Z\"",
        "\"2026-11-22T23:53:31\"",
        "\"ControlPlane\"",
        "77",
    ];

    /// <summary>A changed document, as UTF-8.</summary>
    /// <param name="document">A JSON object.</param>
    /// <param name="random">Where the choices come from.</param>
    public static byte[] Apply(byte[] document, Random random)
    {
        ArgumentNullException.ThrowIfNull(random);
        var root = JsonNode.Parse(document)!;
        var text = root.ToJsonString();
        for (var times = 1 + random.Next(3); times > 0; times--)
        {
            text = One(root = JsonNode.Parse(text)!, random);
            if (!IsObject(text))
            {
                break;
            }
        }

        return Encoding.UTF8.GetBytes(text);
    }

    private static bool IsObject(string text)
    {
        try
        {
            return JsonNode.Parse(text) is JsonObject root && root.ToJsonString().Length > 0;
        }
        catch (Exception e) when (e is System.Text.Json.JsonException or InvalidOperationException or ArgumentException)
        {
            // A lone surrogate, or a name that stands there twice: hostile enough, and not to be mutated further.
            return false;
        }
    }

    private static string One(JsonNode root, Random random)
    {
        var places = new List<JsonNode>();
        Collect(root, places);
        var place = places[random.Next(places.Count)];
        var marker = $"MARK{random.Next()}";
        Put(place, marker, random);
        return root.ToJsonString().Replace($"\"{marker}\"", Value(root, random), StringComparison.Ordinal);
    }

    // A value, something of the same document in another place, or very much of it.
    private static string Value(JsonNode root, Random random) =>
        random.Next(12) switch
        {
            0 => string.Concat(Enumerable.Repeat("[", 80)) + string.Concat(Enumerable.Repeat("]", 80)),
            1 => $"\"{new string('a', 5000)}\"",
            2 when root.AsObject().Count > 0 => ((JsonObject)root).ElementAt(random.Next(((JsonObject)root).Count)).Value?.ToJsonString()
                ?? "null",
            _ => Values[random.Next(Values.Length)],
        };

    private static void Put(JsonNode place, string marker, Random random)
    {
        if (place is JsonArray array)
        {
            if (array.Count == 0 || random.Next(3) == 0)
            {
                array.Insert(random.Next(array.Count + 1), marker);
            }
            else
            {
                array[random.Next(array.Count)] = marker;
            }

            return;
        }

        var names = ((JsonObject)place).Select(p => p.Key).ToList();
        if (names.Count == 0 || random.Next(10) == 0)
        {
            ((JsonObject)place)["extra"] = marker;
        }
        else if (random.Next(8) == 0)
        {
            ((JsonObject)place).Remove(names[random.Next(names.Count)]);
        }
        else
        {
            ((JsonObject)place)[names[random.Next(names.Count)]] = marker;
        }
    }

    private static void Collect(JsonNode node, List<JsonNode> places)
    {
        var children = node switch
        {
            JsonObject o => o.Select(p => p.Value),
            JsonArray a => a,
            _ => null,
        };
        if (children is null)
        {
            return;
        }

        places.Add(node);
        foreach (var child in children.OfType<JsonNode>())
        {
            Collect(child, places);
        }
    }
}
