using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EtcdDr.PowerShell;

/// <summary>
/// JSON as pwsh's <c>ConvertTo-Json</c> writes it: public properties and fields of whatever is no plain value, enumerations by number unless names are
/// asked for, times as round-trip ISO 8601, what lies too deep as text.
/// </summary>
public sealed class PowerShellJson(int depth, bool enumsAsStrings)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>Whether something lay deeper than asked for and was cut to its text; pwsh warns of it.</summary>
    public bool Truncated { get; private set; }

    /// <summary>Writes an object.</summary>
    public string Write(object? value, bool compress = false)
    {
        var node = Node(value, 0);
        return node is null ? "null" : compress ? node.ToJsonString() : node.ToJsonString(Indented);
    }

    private JsonNode? Node(object? value, int level)
    {
        var plain = value is PSObject wrapped ? wrapped.BaseObject : value;
        if (plain is PSCustomObject)
            return Deep(value!, level) ?? Members(((PSObject)value!).Properties.Select(p => (p.Name, (object?)p.Value)), level);

        return plain switch
        {
            null => null,
            string or char or Guid => JsonValue.Create(plain.ToString()),
            bool truth => JsonValue.Create(truth),
            Uri address => JsonValue.Create(address.OriginalString),
            DateTime time => JsonValue.Create(time.ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFFK", CultureInfo.InvariantCulture)),
            DateTimeOffset time => JsonValue.Create(time.ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFFK", CultureInfo.InvariantCulture)),
            Enum name when enumsAsStrings => JsonValue.Create(name.ToString()),
            Enum number => JsonValue.Create(Convert.ToInt64(number, CultureInfo.InvariantCulture)),
            IConvertible number => JsonSerializer.SerializeToNode(number, number.GetType()),
            IDictionary table => Deep(plain, level) ?? Members(table.Keys.Cast<object>().Select(k => (k.ToString()!, table[k])), level),
            IEnumerable several => Deep(plain, level) ?? new JsonArray([.. several.Cast<object?>().Select(v => Node(v, level + 1))]),
            _ => Deep(plain, level) ?? Members(Properties(plain), level),
        };
    }

    private JsonNode? Deep(object value, int level)
    {
        if (level <= depth)
            return null;

        Truncated = true;
        return JsonValue.Create(value.ToString());
    }

    private JsonObject Members(IEnumerable<(string Name, object? Value)> members, int level) =>
        new(members.Select(m => KeyValuePair.Create(m.Name, Node(m.Value, level + 1))));

    private static IEnumerable<(string Name, object? Value)> Properties(object value)
    {
        var type = value.GetType();
        var fields = type.GetFields(BindingFlags.Instance | BindingFlags.Public).Select(f => (f.Name, f.GetValue(value)));
        var properties = type.GetProperties(BindingFlags.Instance | BindingFlags.Public)
            .Where(p => p.GetMethod is { IsPublic: true } && p.GetIndexParameters().Length == 0)
            .Select(p => (p.Name, p.GetValue(value)));
        return fields.Concat(properties);
    }
}
