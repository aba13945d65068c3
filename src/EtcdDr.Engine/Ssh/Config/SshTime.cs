using System.Globalization;

namespace EtcdDr.Engine.Ssh.Config;

/// <summary>Times as ssh_config(5) writes them: <c>90</c>, <c>10s</c>, <c>1m30s</c>, <c>2h</c>, <c>1d</c>, <c>1w</c>.</summary>
internal static class SshTime
{
    /// <summary>Seconds; null if the text is no time.</summary>
    public static int? Parse(string text)
    {
        if (text.Length == 0)
            return null;

        long total = 0;
        for (var at = 0; at < text.Length; )
        {
            var digits = text.AsSpan(at).IndexOfAnyExceptInRange('0', '9');
            var number = digits < 0 ? text.AsSpan(at) : text.AsSpan(at, digits);
            if (!int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var count))
                return null;

            at += number.Length;
            if (UnitOf(at < text.Length ? text[at++] : 's') is not { } unit)
                return null;

            total += (long)count * unit;
            if (total > int.MaxValue)
                return null;
        }

        return (int)total;
    }

    private static int? UnitOf(char letter) =>
        char.ToLowerInvariant(letter) switch
        {
            's' => 1,
            'm' => 60,
            'h' => 60 * 60,
            'd' => 24 * 60 * 60,
            'w' => 7 * 24 * 60 * 60,
            _ => null,
        };
}
