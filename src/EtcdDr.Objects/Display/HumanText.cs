using System.Globalization;

namespace EtcdDr;

/// <summary>Sizes and times as people read them: in views, progress and messages. Objects keep raw values.</summary>
public static class HumanText
{
    private static readonly string[] Units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

    /// <summary>A size with a binary unit and about three digits, for example <c>108 MiB</c>.</summary>
    /// <param name="bytes">Bytes.</param>
    public static string Size(long bytes)
    {
        var value = (double)bytes;
        var unit = 0;
        while (Math.Abs(value) >= 1023.5 && unit < Units.Length - 1)
        {
            value /= 1024;
            unit++;
        }

        var format = unit == 0 || Math.Abs(value) >= 99.95 ? "0" : "0.0";
        return value.ToString(format, CultureInfo.InvariantCulture) + " " + Units[unit];
    }

    /// <summary>A duration in its two largest units, for example <c>1 h 5 min</c>, <c>26.6 s</c>, <c>45 ms</c>.</summary>
    /// <param name="duration">The duration; negative ones are shown as zero.</param>
    public static string Duration(TimeSpan duration)
    {
        if (duration <= TimeSpan.Zero)
            return "0 s";
        if (duration < TimeSpan.FromSeconds(1))
            return Number(duration.TotalMilliseconds, "0") + " ms";
        if (duration < TimeSpan.FromMinutes(1))
            return Number(duration.TotalSeconds, "0.0") + " s";
        if (duration < TimeSpan.FromHours(1))
            return $"{duration.Minutes} min {duration.Seconds} s";
        if (duration < TimeSpan.FromDays(1))
            return $"{duration.Hours} h {duration.Minutes} min";

        return $"{duration.Days} d {duration.Hours} h";
    }

    /// <summary>How long ago something was, in its largest unit, for example <c>3 d</c>.</summary>
    /// <param name="time">The moment; a time of unspecified kind is UTC.</param>
    /// <param name="now">The moment to reckon from, UTC.</param>
    public static string Age(DateTime time, DateTime now)
    {
        var age = now - (time.Kind == DateTimeKind.Local ? time.ToUniversalTime() : time);
        if (age < TimeSpan.FromMinutes(1))
            return Number(Math.Max(0, Math.Floor(age.TotalSeconds)), "0") + " s";
        if (age < TimeSpan.FromHours(1))
            return Number(Math.Floor(age.TotalMinutes), "0") + " min";
        if (age < TimeSpan.FromDays(2))
            return Number(Math.Floor(age.TotalHours), "0") + " h";

        return Number(Math.Floor(age.TotalDays), "0") + " d";
    }

    /// <summary>How long ago something was, in its largest unit, for example <c>3 d</c>.</summary>
    /// <param name="time">The moment; a time of unspecified kind is UTC.</param>
    public static string Age(DateTime time) => Age(time, DateTime.UtcNow);

    /// <summary>A moment in UTC with its age, for example <c>2026-11-22 23:53:31Z (5 h ago)</c>; nothing for none.</summary>
    /// <param name="time">The moment; a time of unspecified kind is UTC.</param>
    public static string Time(DateTime? time)
    {
        if (time is not { } moment)
            return "";

        var utc = moment.Kind == DateTimeKind.Local ? moment.ToUniversalTime() : moment;
        return $"{utc.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture)} ({Age(utc)} ago)";
    }

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
