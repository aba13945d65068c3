using System.Globalization;
using System.Text;

namespace EtcdDr.Engine.Reports.OpenMetrics;

/// <summary>
/// Writes gauges in a text that is both OpenMetrics 1.0 and the older format that node exporter's textfile collector reads: gauges only, no
/// timestamps, each family whole and once.
/// </summary>
internal sealed class MetricWriter
{
    private readonly StringBuilder _text = new();

    /// <summary>Writes a family; nothing where it has no samples.</summary>
    /// <param name="name">Its name; ends with the unit where it has one.</param>
    /// <param name="unit">seconds, bytes, or null for plain numbers.</param>
    /// <param name="help">What it tells. The same for each file: a collector that reads several takes offence otherwise.</param>
    /// <param name="samples">Values by their labels; samples without a value are left out.</param>
    public void Gauge(string name, string? unit, string help, IEnumerable<MetricSample> samples)
    {
        var known = samples.Where(s => s.Value is not null).ToList();
        if (known.Count == 0)
        {
            return;
        }

        _text.Append(CultureInfo.InvariantCulture, $"# TYPE {name} gauge\n");
        if (unit is not null)
        {
            _text.Append(CultureInfo.InvariantCulture, $"# UNIT {name} {unit}\n");
        }

        _text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {Escape(help)}\n");
        foreach (var sample in known)
        {
            var labels = string.Join(',', sample.Labels.Select(l => $"{l.Name}=\"{Escape(l.Value)}\""));
            _text.Append(
                CultureInfo.InvariantCulture,
                $"{name}{{{labels}}} {sample.Value!.Value.ToString("R", CultureInfo.InvariantCulture)}\n"
            );
        }
    }

    /// <summary>The text with the line that says that it is whole.</summary>
    public override string ToString() => _text + "# EOF\n";

    private static string Escape(string text) =>
        text.Replace("\\", @"\\", StringComparison.Ordinal)
            .Replace("\n", @"\n", StringComparison.Ordinal)
            .Replace("\"", "\\\"", StringComparison.Ordinal);
}
