using System.Collections;
using System.Globalization;

namespace EtcdDr;

/// <summary>A record as one line for people: what is set in it, by name. What the compiler writes of records names types that nobody
/// typed.</summary>
internal static class ObjectText
{
    /// <summary>The line, for example <c>User: opc, JumpHosts: a b</c>; "as usual" where nothing is set.</summary>
    public static string Of(object item)
    {
        var parts = item.GetType()
            .GetProperties()
            .Select(p => (p.Name, Text: Text(p.GetValue(item))))
            .Where(p => p.Text.Length > 0)
            .Select(p => $"{p.Name}: {p.Text}");
        return string.Join(", ", parts) is { Length: > 0 } text ? text : "as usual";
    }

    private static string Text(object? value) =>
        value switch
        {
            null => "",
            string text => text,
            bool flag => flag ? "yes" : "no",
            DateTime time => time.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            byte[] bytes => $"{bytes.Length} bytes",
            IReadOnlyDictionary<string, string> map => string.Join(' ', map.Select(e => $"{e.Key}={e.Value}")),
            IEnumerable several => string.Join(' ', several.Cast<object?>().Select(Text)),
            IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
            _ => value.ToString() ?? "",
        };
}
