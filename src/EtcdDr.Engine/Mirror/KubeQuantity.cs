using System.Globalization;

namespace EtcdDr.Engine.Mirror;

/// <summary>Amounts as Kubernetes writes them: <c>250m</c>, <c>1.5Gi</c>, <c>1e3</c>.</summary>
internal static class KubeQuantity
{
    private const string Binary = "KMGTPE";
    private const string Decimal = "kMGTPE";

    /// <summary>The amount in units (cores, bytes, pieces); 0 for what is none.</summary>
    public static decimal Parse(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return 0;
        }

        if (decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var plain))
        {
            return plain;
        }

        var end = text.Length - 1;
        while (end > 0 && !char.IsAsciiDigit(text[end - 1]) && text[end - 1] != '.')
        {
            end--;
        }

        return decimal.TryParse(text.AsSpan(0, end), NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? number * Factor(text[end..])
            : 0;
    }

    private static decimal Factor(string suffix) =>
        suffix switch
        {
            "n" => 0.000000001m,
            "u" => 0.000001m,
            "m" => 0.001m,
            [var letter, 'i'] when Binary.Contains(letter, StringComparison.Ordinal) => Power(
                1024,
                Binary.IndexOf(letter, StringComparison.Ordinal) + 1
            ),
            [var letter] when Decimal.Contains(letter, StringComparison.Ordinal) => Power(
                1000,
                Decimal.IndexOf(letter, StringComparison.Ordinal) + 1
            ),
            _ => 0,
        };

    private static decimal Power(decimal number, int exponent) => Enumerable.Repeat(number, exponent).Aggregate(1m, (a, b) => a * b);
}
