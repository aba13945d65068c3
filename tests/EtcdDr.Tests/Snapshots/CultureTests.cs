using System.Globalization;
using EtcdDr.Engine.Snapshots;

namespace EtcdDr.Tests.Snapshots;

/// <summary>Thailand counts years from another beginning, and Turkey has other letters for i and I: names must be the same there.</summary>
public sealed class CultureTests
{
    [Theory]
    [InlineData("th-TH")]
    [InlineData("tr-TR")]
    public void Names_of_snapshots_and_what_is_read_out_of_them_have_one_calendar(string culture)
    {
        var time = new DateTimeOffset(2026, 11, 22, 23, 53, 31, TimeSpan.Zero);
        var (name, stamp, read) = In(
            culture,
            () => (SnapshotNames.For(time), SnapshotNames.Stamp(time), SnapshotNames.TimeOf("etcd_snapshot_2026-11-22_23-53-31"))
        );

        Assert.Equal("etcd_snapshot_2026-11-22_23-53-31", name);
        Assert.Equal("2026-11-22_23-53-31", stamp);
        Assert.Equal(time.UtcDateTime, read);
    }

    [Theory]
    [InlineData("th-TH")]
    [InlineData("tr-TR")]
    public void Times_and_sizes_for_people_and_places_are_read_and_written_alike(string culture)
    {
        var text = In(culture, () => HumanText.Time(new DateTime(2026, 11, 22, 23, 53, 31, DateTimeKind.Utc)) + HumanText.Size(1_600_000));

        Assert.StartsWith("2026-11-22 23:53:31Z", text, StringComparison.Ordinal);
        Assert.EndsWith("1.5 MiB", text, StringComparison.Ordinal);
        Assert.True(In(culture, () => SnapshotLocation.IsRemote("SFTP://DR/INDIA")));
    }

    private static T In<T>(string culture, Func<T> work)
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = new CultureInfo(culture);
            return work();
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }
}
