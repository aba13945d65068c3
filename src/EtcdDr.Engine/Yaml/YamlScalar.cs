using System.Globalization;
using System.Numerics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace EtcdDr.Engine.Yaml;

/// <summary>
/// What a scalar without quotes means. As go-yaml 2 takes it, which kubectl, the API server and the kubelet read manifests with
/// (sigs.k8s.io/yaml): <c>0644</c> is octal, <c>yes</c> is true, <c>1_000</c> is a number.
/// </summary>
internal static partial class YamlScalar
{
    private static readonly HashSet<string> True = ["true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON", "y", "Y"];

    private static readonly HashSet<string> False = ["false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF", "n", "N"];

    /// <summary>The value as JSON.</summary>
    public static JsonNode? ToJson(string text)
    {
        if (text is "" or "~" or "null" or "Null" or "NULL")
        {
            return null;
        }

        if (True.Contains(text) || False.Contains(text))
        {
            return True.Contains(text);
        }

        return char.IsAsciiDigit(text[0]) || text[0] is '+' or '-' or '.' ? Number(text) : text;
    }

    private static JsonNode Number(string text)
    {
        var plain = text.Replace("_", "", StringComparison.Ordinal);
        if (Whole(plain) is { } whole)
        {
            if (whole >= long.MinValue && whole <= long.MaxValue)
            {
                return (long)whole;
            }

            if (whole > 0 && whole <= ulong.MaxValue)
            {
                return (ulong)whole;
            }
        }

        return FloatingPoint().IsMatch(plain) && double.TryParse(plain, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? number
            : text;
    }

    private static BigInteger? Whole(string plain)
    {
        var digits = plain.TrimStart('+', '-');
        if (digits.Length < plain.Length - 1 || digits.Length == 0)
        {
            return null;
        }

        var (basis, rest) = digits switch
        {
            ['0', 'x' or 'X', ..] => (16, digits[2..]),
            ['0', 'b' or 'B', ..] => (2, digits[2..]),
            ['0', 'o' or 'O', ..] => (8, digits[2..]),
            ['0', _, ..] => (8, digits[1..]),
            _ => (10, digits),
        };
        var value = BigInteger.Zero;
        foreach (var digit in rest)
        {
            var number = char.IsAsciiHexDigit(digit) ? Convert.ToInt32(digit.ToString(), 16) : basis;
            if (number >= basis)
            {
                return null;
            }

            value = (value * basis) + number;
        }

        return rest.Length == 0 ? null
            : plain[0] == '-' ? -value
            : value;
    }

    [GeneratedRegex(@"\A[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex FloatingPoint();
}
