using System.Globalization;

namespace EtcdDr.Engine.Snapshots;

/// <summary>Names of snapshot directories.</summary>
public static class SnapshotNames
{
    /// <summary>What a snapshot's name begins with; the MAA scripts use the same.</summary>
    public const string Prefix = "etcd_snapshot_";

    /// <summary>What the directories begin with that restores leave in a snapshot. They are no part of it.</summary>
    public const string RestorePrefix = "restore_attempted_";

    private const string TimeFormat = "yyyy-MM-dd_HH-mm-ss";
    private const string PartialSuffix = ".partial";
    private const string RemovingSuffix = ".removing";

    /// <summary>The name of a snapshot taken at a time.</summary>
    public static string For(DateTimeOffset time) => Prefix + Stamp(time);

    /// <summary>A time as it stands in names: UTC, the same whatever calendar the user has.</summary>
    public static string Stamp(DateTimeOffset time) => time.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture);

    /// <summary>The time in a snapshot's name as UTC, or null. (The MAA scripts write their machine's local time; its zone is not
    /// recorded.)</summary>
    public static DateTime? TimeOf(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!name.StartsWith(Prefix, StringComparison.Ordinal) || name.Length < Prefix.Length + TimeFormat.Length)
        {
            return null;
        }

        return DateTime.TryParseExact(
            name.AsSpan(Prefix.Length, TimeFormat.Length),
            TimeFormat,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out var time
        )
            ? time
            : null;
    }

    /// <summary>The name that a snapshot has while it is being written.</summary>
    public static string PartialOf(string name) => $".{name}{PartialSuffix}";

    /// <summary>Whether a name is that of a snapshot still being written (or of one whose writing was cut off).</summary>
    public static bool IsPartial(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.StartsWith('.') && name.EndsWith(PartialSuffix, StringComparison.Ordinal);
    }

    /// <summary>The name that a snapshot has while it is being removed.</summary>
    public static string RemovingOf(string name) => $".{name}{RemovingSuffix}";

    /// <summary>Whether a name is that of a snapshot whose writing, copying or removal was cut off (or goes on).</summary>
    public static bool IsUnfinished(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.StartsWith("." + Prefix, StringComparison.Ordinal)
            && (IsPartial(name) || name.EndsWith(RemovingSuffix, StringComparison.Ordinal));
    }

    /// <summary>The name that a snapshot has or had, of one of the names of unfinished ones.</summary>
    public static string OfUnfinished(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name[1..name.LastIndexOf('.')];
    }

    /// <summary>Whether a path in a snapshot belongs to a restore and not to the snapshot.</summary>
    public static bool IsOfRestore(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return path.StartsWith(RestorePrefix, StringComparison.Ordinal);
    }
}
