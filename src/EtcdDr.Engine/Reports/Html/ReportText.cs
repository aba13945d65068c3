using System.Globalization;

namespace EtcdDr.Engine.Reports.Html;

/// <summary>Times and counts as the page shows them.</summary>
internal static class ReportText
{
    /// <summary>A moment, UTC, to the second.</summary>
    public static string Time(DateTime time) => time.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    /// <summary>A moment for machines: the <c>datetime</c> of a <c>time</c> element.</summary>
    public static string MachineTime(DateTime time) =>
        DateTime.SpecifyKind(time, DateTimeKind.Utc).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>Time since a beginning, with a plus in front.</summary>
    public static string Offset(TimeSpan time) =>
        time < TimeSpan.FromMinutes(1)
            ? string.Create(CultureInfo.InvariantCulture, $"+{Math.Max(0, time.TotalSeconds):0.0} s")
            : $"+{HumanText.Duration(time)}";

    /// <summary>A share of a whole as SVG takes it, for example <c>12.345%</c>.</summary>
    public static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{share * 100:0.###}%");

    /// <summary>A whole number with thin groups: 12 345.</summary>
    public static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture).Replace(',', '\u202F');

    /// <summary>A count with its noun.</summary>
    public static string Count(int count, string one, string many) => $"{Number(count)} {(count == 1 ? one : many)}";
}
