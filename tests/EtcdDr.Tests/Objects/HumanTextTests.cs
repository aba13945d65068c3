namespace EtcdDr.Tests.Objects;

public sealed class HumanTextTests
{
    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(1023, "1023 B")]
    [InlineData(1024, "1.0 KiB")]
    [InlineData(113246208, "108 MiB")]
    [InlineData(1048575, "1.0 MiB")]
    [InlineData(104752742, "99.9 MiB")]
    [InlineData(long.MaxValue, "8.0 EiB")]
    public void Sizes_have_a_binary_unit(long bytes, string expected) => Assert.Equal(expected, HumanText.Size(bytes));

    [Theory]
    [InlineData(0, "0 s")]
    [InlineData(45, "45 ms")]
    [InlineData(26600, "26.6 s")]
    [InlineData(65_000, "1 min 5 s")]
    [InlineData(3_900_000, "1 h 5 min")]
    [InlineData(90_000_000, "1 d 1 h")]
    public void Durations_have_two_units(long milliseconds, string expected) =>
        Assert.Equal(expected, HumanText.Duration(TimeSpan.FromMilliseconds(milliseconds)));

    [Theory]
    [InlineData(30, "30 s")]
    [InlineData(3599, "59 min")]
    [InlineData(100_000, "27 h")]
    [InlineData(260_000, "3 d")]
    public void Ages_have_one_unit(int seconds, string expected)
    {
        var now = new DateTime(2026, 11, 22, 23, 53, 31, DateTimeKind.Utc);

        Assert.Equal(expected, HumanText.Age(now.AddSeconds(-seconds), now));
    }
}
