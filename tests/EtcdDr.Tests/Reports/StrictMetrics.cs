using System.Globalization;
using System.Text.RegularExpressions;

namespace EtcdDr.Tests.Reports;

/// <summary>
/// Reads OpenMetrics 1.0 text and takes offence at everything that the standard, or node exporter's older reader, would: order of lines,
/// families in two pieces, units that names do not end with, series twice, timestamps, types that only one of them knows, text after the
/// end.
/// </summary>
internal static partial class StrictMetrics
{
    /// <summary>Values by series: name and labels as they stand there, unescaped.</summary>
    public static Dictionary<string, double> Parse(string text)
    {
        Assert.EndsWith("# EOF\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain('\r', text);
        var lines = text.Split('\n')[..^2];
        var series = new Dictionary<string, double>();
        var families = new HashSet<string>();
        var (family, sampled) = ("", false);
        foreach (var line in lines)
        {
            if (Metadata().Match(line) is { Success: true } meta)
            {
                var (word, name, rest) = (meta.Groups[1].Value, meta.Groups[2].Value, meta.Groups[3].Value);
                if (word == "TYPE")
                {
                    Assert.True(families.Add(name), $"{name} comes twice.");
                    Assert.Equal("gauge", rest);
                    (family, sampled) = (name, false);
                }

                Assert.False(sampled, $"'{line}' comes after samples.");
                Assert.Equal(family, name);
                Assert.True(word != "UNIT" || name.EndsWith("_" + rest, StringComparison.Ordinal), $"{name} does not end with {rest}.");
                Assert.True(word != "HELP" || Escaped().IsMatch(rest), line);
                continue;
            }

            var sample = Sample().Match(line);
            Assert.True(sample.Success, $"'{line}' is no sample.");
            Assert.Equal(family, sample.Groups["name"].Value);
            sampled = true;
            var labels = sample.Groups["label"].Captures.Select(c => c.Value).ToList();
            Assert.Equal(labels.Count, labels.Select(l => l.Split('=')[0]).Distinct().Count());
            var key = $"{family}{{{string.Join(',', labels.Select(Unescape))}}}";
            Assert.True(
                series.TryAdd(key, double.Parse(sample.Groups["value"].Value, CultureInfo.InvariantCulture)),
                $"{key} comes twice."
            );
        }

        return series;
    }

    private static string Unescape(string label) =>
        Regex.Replace(label, @"\\(.)", m => m.Groups[1].Value == "n" ? "\n" : m.Groups[1].Value);

    [GeneratedRegex(@"^# (TYPE|UNIT|HELP) ([a-z][a-z0-9_]*) (.+)$")]
    private static partial Regex Metadata();

    [GeneratedRegex("""^(?:[^\\"\n]|\\[\\n"])*$""")]
    private static partial Regex Escaped();

    [GeneratedRegex(
        """^(?<name>[a-z][a-z0-9_]*)\{(?:(?<label>[a-z][a-z0-9_]*="(?:[^\\"\n]|\\[\\n"])*")(?:,(?=[a-z])|(?=\})))*\} """
            + """(?<value>-?\d+(?:\.\d+)?(?:E[+-]\d+)?)$"""
    )]
    private static partial Regex Sample();
}
